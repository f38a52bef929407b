-- A small shop as many run it: numbered rows, a flag as tinyint(1), prices as decimals, times in two types, an enum, a JSON document.
CREATE TABLE customers (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  email VARCHAR(190) NOT NULL UNIQUE,
  name VARCHAR(100) NOT NULL,
  newsletter TINYINT(1) NOT NULL DEFAULT 0,
  born DATE,
  created_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)
) ENGINE = InnoDB CHARSET utf8mb4;
CREATE TABLE orders (
  id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  customer_id INT UNSIGNED NOT NULL,
  status ENUM('new', 'paid', 'shipped') NOT NULL,
  total DECIMAL(12,2) NOT NULL,
  packed_at DATETIME,
  details JSON,
  changed_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  KEY (changed_at)
) ENGINE = InnoDB CHARSET utf8mb4;
INSERT INTO customers (id, email, name, newsletter, born, created_at) VALUES
  (1, 'ada@example.com', 'Ada Lovelace', 1, '1815-12-10', '2026-01-05 08:00:00.250'),
  (2, 'gauss@example.com', 'Carl Friedrich Gauß', 0, '1777-04-30', '2026-01-06 09:30:00'),
  (3, 'midori@example.com', '株式会社みどり 🌿', 1, NULL, '2026-02-01 00:00:00');
INSERT INTO orders VALUES
  (9007199254740993, 1, 'paid', 1499.90, '2026-01-05 10:15:00', '{"gift": true, "note": "say \\"hi\\""}', '2026-01-05 09:15:00.123456'),
  (9007199254740994, 2, 'new', 0.01, NULL, NULL, '2026-01-06 10:00:00'),
  (9007199254740995, 3, 'shipped', 120.00, '2026-02-02 12:00:00', '[]', '2026-02-02 12:00:00.000001');
