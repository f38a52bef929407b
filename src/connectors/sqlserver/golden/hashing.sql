SELECT HASHBYTES('MD5', CONVERT(varchar(max), CONVERT(nvarchar(max), N'ä€𝄞') COLLATE Latin1_General_100_BIN2_UTF8)) AS bytes

sku: t.[sku]

id: CONVERT(varchar(20), t.[id])

flag: CASE t.[flag] WHEN 1 THEN 'true' WHEN 0 THEN 'false' END

small: CONVERT(varchar(20), t.[small])

big: CONVERT(varchar(20), t.[big])

amount: CONVERT(varchar(41), t.[amount])

fee: CONVERT(varchar(41), CONVERT(decimal(19,4), t.[fee]))

ratio: CASE WHEN CONVERT(float, TRY_CONVERT(decimal(38,0), t.[ratio])) = t.[ratio] THEN CONVERT(varchar(41), TRY_CONVERT(decimal(38,0), t.[ratio])) WHEN CONVERT(float, TRY_CONVERT(decimal(38,3), t.[ratio])) = t.[ratio] THEN REPLACE(RTRIM(REPLACE(CONVERT(varchar(41), TRY_CONVERT(decimal(38,3), t.[ratio])), '0', ' ')), ' ', '0') WHEN CONVERT(float, TRY_CONVERT(decimal(38,6), t.[ratio])) = t.[ratio] THEN REPLACE(RTRIM(REPLACE(CONVERT(varchar(41), TRY_CONVERT(decimal(38,6), t.[ratio])), '0', ' ')), ' ', '0') WHEN CONVERT(float, TRY_CONVERT(decimal(38,9), t.[ratio])) = t.[ratio] THEN REPLACE(RTRIM(REPLACE(CONVERT(varchar(41), TRY_CONVERT(decimal(38,9), t.[ratio])), '0', ' ')), ' ', '0') WHEN CONVERT(float, TRY_CONVERT(decimal(38,12), t.[ratio])) = t.[ratio] THEN REPLACE(RTRIM(REPLACE(CONVERT(varchar(41), TRY_CONVERT(decimal(38,12), t.[ratio])), '0', ' ')), ' ', '0') WHEN CONVERT(float, TRY_CONVERT(decimal(38,15), t.[ratio])) = t.[ratio] THEN REPLACE(RTRIM(REPLACE(CONVERT(varchar(41), TRY_CONVERT(decimal(38,15), t.[ratio])), '0', ' ')), ' ', '0') ELSE CONVERT(varchar(41), t.[ratio], 3) END

rough: CASE WHEN CONVERT(real, TRY_CONVERT(decimal(38,0), t.[rough])) = t.[rough] THEN CONVERT(varchar(41), TRY_CONVERT(decimal(38,0), t.[rough])) WHEN CONVERT(real, TRY_CONVERT(decimal(38,3), t.[rough])) = t.[rough] THEN REPLACE(RTRIM(REPLACE(CONVERT(varchar(41), TRY_CONVERT(decimal(38,3), t.[rough])), '0', ' ')), ' ', '0') WHEN CONVERT(real, TRY_CONVERT(decimal(38,6), t.[rough])) = t.[rough] THEN REPLACE(RTRIM(REPLACE(CONVERT(varchar(41), TRY_CONVERT(decimal(38,6), t.[rough])), '0', ' ')), ' ', '0') WHEN CONVERT(real, TRY_CONVERT(decimal(38,9), t.[rough])) = t.[rough] THEN REPLACE(RTRIM(REPLACE(CONVERT(varchar(41), TRY_CONVERT(decimal(38,9), t.[rough])), '0', ' ')), ' ', '0') WHEN CONVERT(real, TRY_CONVERT(decimal(38,12), t.[rough])) = t.[rough] THEN REPLACE(RTRIM(REPLACE(CONVERT(varchar(41), TRY_CONVERT(decimal(38,12), t.[rough])), '0', ' ')), ' ', '0') WHEN CONVERT(real, TRY_CONVERT(decimal(38,15), t.[rough])) = t.[rough] THEN REPLACE(RTRIM(REPLACE(CONVERT(varchar(41), TRY_CONVERT(decimal(38,15), t.[rough])), '0', ' ')), ' ', '0') ELSE CONVERT(varchar(41), t.[rough], 3) END

old text: CONVERT(nvarchar(10), t.[old text])

fixed: RTRIM(CONVERT(nvarchar(3), t.[fixed]))

wide: RTRIM(t.[wide])

legacy: CONVERT(nvarchar(max), t.[legacy])

note]: t.[note]]]

raw: '\x' + LOWER(CONVERT(varchar(max), CONVERT(varbinary(max), t.[raw]), 2))

day: CONVERT(varchar(10), t.[day], 23)

clock: LEFT(CONVERT(varchar(16), t.[clock]), 8) + COALESCE(NULLIF(REPLACE(RTRIM(REPLACE(SUBSTRING(CONVERT(varchar(16), t.[clock]), 9, 8), '0', ' ')), ' ', '0'), '.'), '')

then: LEFT(CONVERT(varchar(23), t.[then], 121), 19) + COALESCE(NULLIF(REPLACE(RTRIM(REPLACE(SUBSTRING(CONVERT(varchar(23), t.[then], 121), 20, 8), '0', ' ')), ' ', '0'), '.'), '')

minute: CONVERT(varchar(19), t.[minute], 120)

naive: LEFT(CONVERT(varchar(27), t.[naive], 121), 19) + COALESCE(NULLIF(REPLACE(RTRIM(REPLACE(SUBSTRING(CONVERT(varchar(27), t.[naive], 121), 20, 8), '0', ' ')), ' ', '0'), '.'), '')

at: LEFT(CONVERT(varchar(27), CONVERT(datetime2(6), SWITCHOFFSET(t.[at], '+00:00')), 121), 19) + COALESCE(NULLIF(REPLACE(RTRIM(REPLACE(SUBSTRING(CONVERT(varchar(27), CONVERT(datetime2(6), SWITCHOFFSET(t.[at], '+00:00')), 121), 20, 8), '0', ' ')), ' ', '0'), '.'), '') + '+00'

guid: LOWER(CONVERT(varchar(36), t.[guid]))

tree: t.[tree].ToString()

place: N'SRID=' + CONVERT(nvarchar(11), t.[place].STSrid) + N';' + t.[place].AsTextZM()

doc: CONVERT(nvarchar(max), t.[doc])

version: CONVERT(varchar(20), CONVERT(bigint, t.[version]))

CONVERT(bigint, (CONVERT(bigint, t.[id]) - (-5))) / CONVERT(bigint, 900000000000)

(CONVERT(bigint, SUBSTRING(HASHBYTES('MD5', CONVERT(varchar(max), (CONVERT(nvarchar(max), N'') COLLATE Latin1_General_100_BIN2_UTF8 + coalesce((CONVERT(nvarchar(max), N'') COLLATE Latin1_General_100_BIN2_UTF8 + CONVERT(varchar(20), DATALENGTH(CONVERT(varchar(max), CONVERT(nvarchar(max), t.[sku]) COLLATE Latin1_General_100_BIN2_UTF8))) + ':' + t.[sku]), '') + '|' + coalesce(CONVERT(varchar(20), t.[id]), '')))), 1, 4)) / 16) % 64

SELECT CONVERT(varchar(20), MIN(k)) AS least, CONVERT(varchar(20), MAX(k)) AS greatest FROM (SELECT t.[id] AS k FROM [dbo].[prices] AS t) AS found

SELECT bucket, COUNT_BIG(*) AS rows, CONVERT(varchar(41), SUM(CONVERT(decimal(38,0), hash))) AS sum FROM (SELECT ((CONVERT(bigint, SUBSTRING(HASHBYTES('MD5', CONVERT(varchar(max), (CONVERT(nvarchar(max), N'') COLLATE Latin1_General_100_BIN2_UTF8 + coalesce((CONVERT(nvarchar(max), N'') COLLATE Latin1_General_100_BIN2_UTF8 + CONVERT(varchar(20), DATALENGTH(CONVERT(varchar(max), CONVERT(nvarchar(max), t.[sku]) COLLATE Latin1_General_100_BIN2_UTF8))) + ':' + t.[sku]), '') + '|' + coalesce(CONVERT(varchar(20), t.[id]), '')))), 1, 8)) & CONVERT(bigint, -16)) / 16 & CONVERT(bigint, 1152921504606846975)) AS hash FROM [dbo].[prices] AS t) AS hashed GROUP BY bucket

SELECT 1 FROM [dbo].[prices] AS t WHERE b IN (SELECT n FROM #syncline_numbers)