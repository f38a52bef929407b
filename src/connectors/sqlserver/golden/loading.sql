CREATE TABLE #syncline_rows (n bigint NOT NULL, a0 nvarchar(20) COLLATE SQL_Latin1_General_CP1_CI_AS NULL, a1 int NULL, a2 bit NULL, a3 tinyint NULL, a4 bigint NULL, a5 decimal(12,2) NULL, a6 money NULL, a7 float NULL, a8 real NULL, a9 varchar(10) COLLATE French_CI_AS NULL, a10 char(3) COLLATE French_CI_AS NULL, a11 nchar(3) COLLATE SQL_Latin1_General_CP1_CI_AS NULL, a12 text COLLATE French_CI_AS NULL, a13 nvarchar(max) COLLATE SQL_Latin1_General_CP1_CI_AS NULL, a14 varbinary(16) NULL, a15 date NULL, a16 time(3) NULL, a17 datetime NULL, a18 smalldatetime NULL, a19 datetime2(7) NULL, a20 datetimeoffset(6) NULL, a21 uniqueidentifier NULL, a22 hierarchyid NULL, a23 geography NULL, a24 xml NULL)

sku: CONVERT(nvarchar(20), x.a0)

id: TRY_CONVERT(int, x.a1)

flag: CONVERT(bit, x.a2)

small: TRY_CONVERT(tinyint, x.a3)

big: TRY_CONVERT(bigint, x.a4)

amount: TRY_CONVERT(decimal(12,2), x.a5)

fee: TRY_CONVERT(money, x.a6)

ratio: CONVERT(float, x.a7)

rough: TRY_CONVERT(real, x.a8)

old text: CONVERT(varchar(10), x.a9 COLLATE French_CI_AS)

fixed: CONVERT(char(3), x.a10 COLLATE French_CI_AS)

wide: CONVERT(nchar(3), x.a11)

legacy: CONVERT(text, x.a12 COLLATE French_CI_AS)

note]: CONVERT(nvarchar(max), x.a13)

raw: CONVERT(varbinary(16), x.a14)

day: TRY_CONVERT(date, x.a15, 23)

clock: TRY_CONVERT(time(3), x.a16, 121)

then: TRY_CONVERT(datetime, x.a17, 121)

minute: TRY_CONVERT(smalldatetime, x.a18, 120)

naive: TRY_CONVERT(datetime2(7), x.a19, 121)

at: TODATETIMEOFFSET(TRY_CONVERT(datetime2(6), x.a20, 121), '+00:00')

guid: TRY_CONVERT(uniqueidentifier, x.a21)

tree: TRY_CONVERT(hierarchyid, x.a22)

place: CASE WHEN CHARINDEX(N';', x.a23) > 6 THEN geography::STGeomFromText(SUBSTRING(x.a23, CHARINDEX(N';', x.a23) + 1, LEN(x.a23)), TRY_CONVERT(int, SUBSTRING(x.a23, 6, CHARINDEX(N';', x.a23) - 6))) END

doc: TRY_CONVERT(xml, x.a24, 1)

SELECT TOP (1) q.cell, COUNT_BIG(*) AS times FROM (SELECT CASE WHEN x.misfit IS NOT NULL THEN x.misfit WHEN x.a1 IS NOT NULL AND CASE WHEN TRY_CONVERT(int, x.a1) IS NOT NULL THEN 1 ELSE 0 END = 0 THEN 1 WHEN x.a3 IS NOT NULL AND CASE WHEN TRY_CONVERT(tinyint, x.a3) IS NOT NULL THEN 1 ELSE 0 END = 0 THEN 3 WHEN x.a4 IS NOT NULL AND CASE WHEN TRY_CONVERT(bigint, x.a4) IS NOT NULL THEN 1 ELSE 0 END = 0 THEN 4 WHEN x.a5 IS NOT NULL AND CASE WHEN CONVERT(varchar(41), TRY_CONVERT(decimal(12,2), x.a5)) = x.a5 AND DATALENGTH(CONVERT(nvarchar(max), CONVERT(varchar(41), TRY_CONVERT(decimal(12,2), x.a5)))) = DATALENGTH(x.a5) THEN 1 ELSE 0 END = 0 THEN 5 WHEN x.a6 IS NOT NULL AND CASE WHEN CONVERT(varchar(41), CONVERT(decimal(19,4), TRY_CONVERT(money, x.a6))) = x.a6 AND DATALENGTH(CONVERT(nvarchar(max), CONVERT(varchar(41), CONVERT(decimal(19,4), TRY_CONVERT(money, x.a6))))) = DATALENGTH(x.a6) THEN 1 ELSE 0 END = 0 THEN 6 WHEN x.a8 IS NOT NULL AND CASE WHEN CONVERT(float(53), TRY_CONVERT(real, x.a8)) = x.a8 THEN 1 ELSE 0 END = 0 THEN 8 WHEN x.a9 IS NOT NULL AND CASE WHEN CONVERT(nvarchar(max), CONVERT(varchar(max), x.a9 COLLATE French_CI_AS)) = x.a9 AND DATALENGTH(CONVERT(nvarchar(max), CONVERT(nvarchar(max), CONVERT(varchar(max), x.a9 COLLATE French_CI_AS)))) = DATALENGTH(x.a9) AND DATALENGTH(CONVERT(varchar(max), x.a9 COLLATE French_CI_AS)) <= 10 THEN 1 ELSE 0 END = 0 THEN 9 WHEN x.a10 IS NOT NULL AND CASE WHEN CONVERT(nvarchar(max), CONVERT(varchar(8000), x.a10 COLLATE French_CI_AS)) = x.a10 AND DATALENGTH(CONVERT(nvarchar(max), CONVERT(nvarchar(max), CONVERT(varchar(8000), x.a10 COLLATE French_CI_AS)))) = DATALENGTH(x.a10) AND DATALENGTH(CONVERT(varchar(8000), x.a10 COLLATE French_CI_AS)) <= 3 THEN 1 ELSE 0 END = 0 THEN 10 WHEN x.a12 IS NOT NULL AND CASE WHEN CONVERT(nvarchar(max), CONVERT(varchar(max), x.a12 COLLATE French_CI_AS)) = x.a12 AND DATALENGTH(CONVERT(nvarchar(max), CONVERT(nvarchar(max), CONVERT(varchar(max), x.a12 COLLATE French_CI_AS)))) = DATALENGTH(x.a12) THEN 1 ELSE 0 END = 0 THEN 12 WHEN x.a15 IS NOT NULL AND CASE WHEN CONVERT(varchar(10), TRY_CONVERT(date, x.a15, 23), 23) = x.a15 AND DATALENGTH(CONVERT(nvarchar(max), CONVERT(varchar(10), TRY_CONVERT(date, x.a15, 23), 23))) = DATALENGTH(x.a15) THEN 1 ELSE 0 END = 0 THEN 15 WHEN x.a16 IS NOT NULL AND CASE WHEN TRY_CONVERT(time(3), x.a16, 121) = TRY_CONVERT(time(7), x.a16, 121) THEN 1 ELSE 0 END = 0 THEN 16 WHEN x.a17 IS NOT NULL AND CASE WHEN CONVERT(varchar(23), TRY_CONVERT(datetime, x.a17, 121), 121) = x.a17 AND DATALENGTH(CONVERT(nvarchar(max), CONVERT(varchar(23), TRY_CONVERT(datetime, x.a17, 121), 121))) = DATALENGTH(x.a17) THEN 1 ELSE 0 END = 0 THEN 17 WHEN x.a18 IS NOT NULL AND CASE WHEN CONVERT(varchar(19), TRY_CONVERT(smalldatetime, x.a18, 120), 120) = x.a18 AND DATALENGTH(CONVERT(nvarchar(max), CONVERT(varchar(19), TRY_CONVERT(smalldatetime, x.a18, 120), 120))) = DATALENGTH(x.a18) THEN 1 ELSE 0 END = 0 THEN 18 WHEN x.a19 IS NOT NULL AND CASE WHEN TRY_CONVERT(datetime2(7), x.a19, 121) = TRY_CONVERT(datetime2(7), x.a19, 121) THEN 1 ELSE 0 END = 0 THEN 19 WHEN x.a20 IS NOT NULL AND CASE WHEN TRY_CONVERT(datetime2(6), x.a20, 121) = TRY_CONVERT(datetime2(7), x.a20, 121) THEN 1 ELSE 0 END = 0 THEN 20 WHEN x.a21 IS NOT NULL AND CASE WHEN TRY_CONVERT(uniqueidentifier, x.a21) IS NOT NULL THEN 1 ELSE 0 END = 0 THEN 21 WHEN x.a22 IS NOT NULL AND CASE WHEN TRY_CONVERT(hierarchyid, x.a22).ToString() = x.a22 AND DATALENGTH(CONVERT(nvarchar(max), TRY_CONVERT(hierarchyid, x.a22).ToString())) = DATALENGTH(x.a22) THEN 1 ELSE 0 END = 0 THEN 22 WHEN x.a24 IS NOT NULL AND CASE WHEN CONVERT(nvarchar(max), TRY_CONVERT(xml, x.a24, 1)) = x.a24 AND DATALENGTH(CONVERT(nvarchar(max), CONVERT(nvarchar(max), TRY_CONVERT(xml, x.a24, 1)))) = DATALENGTH(x.a24) THEN 1 ELSE 0 END = 0 THEN 24 END AS cell FROM #syncline_rows_loaded AS x) AS q
 WHERE q.cell IS NOT NULL GROUP BY q.cell ORDER BY q.cell