sku: t.[sku]

id: t.[id]

flag: t.[flag]

small: t.[small]

big: t.[big]

amount: CONVERT(varchar(41), t.[amount])

fee: CONVERT(varchar(41), CONVERT(decimal(19,4), t.[fee]))

ratio: t.[ratio]

rough: t.[rough]

old text: CONVERT(nvarchar(10), t.[old text])

fixed: RTRIM(CONVERT(nvarchar(3), t.[fixed]))

wide: RTRIM(t.[wide])

legacy: CONVERT(nvarchar(max), t.[legacy])

note]: t.[note]]

raw: t.[raw]

day: CONVERT(varchar(10), t.[day], 23)

clock: CONVERT(varchar(16), t.[clock])

then: CONVERT(varchar(23), t.[then], 121)

minute: CONVERT(varchar(19), t.[minute], 120)

naive: CONVERT(varchar(27), t.[naive], 121)

at: CONVERT(varchar(27), CONVERT(datetime2(6), SWITCHOFFSET(t.[at], '+00:00')), 121)

guid: LOWER(CONVERT(varchar(36), t.[guid]))

tree: t.[tree].ToString()

place: N'SRID=' + CONVERT(nvarchar(11), t.[place].STSrid) + N';' + t.[place].AsTextZM()

doc: CONVERT(nvarchar(max), t.[doc])

version: CONVERT(binary(8), t.[version])

SELECT TOP (5) t.[sku] FROM [dbo].[prices] AS t WHERE (
amount > 0 -- all
)

SELECT 1 FROM [dbo].[prices] AS t WHERE (t.[version] >= 0x00000000000007D1 OR t.[version] IS NULL) AND t.[version] < 0x00000000000007D5

SELECT 1 FROM [dbo].[prices] AS t WHERE (t.[at] >= TODATETIMEOFFSET(CONVERT(datetime2(7), N'2024-01-01 00:00:00.5', 121), '+00:00') OR t.[at] IS NULL)

SELECT 1 FROM [dbo].[prices] AS t WHERE (t.[naive] >= CONVERT(datetime2(7), N'2024-01-01 00:00:00.5', 121) OR t.[naive] IS NULL)

SELECT t.[a] FROM (
select 1 as a
) AS t

SELECT 1 FROM [dbo].[prices] AS t WHERE EXISTS (SELECT 1 FROM #syncline_keys AS k WHERE t.[sku] = k.k0)

CONVERT(bigint, SUBSTRING(HASHBYTES('SHA2_256', COALESCE(CONVERT(nvarchar(20), DATALENGTH(CONVERT(nvarchar(max), t.[sku]))) + N':' + CONVERT(nvarchar(max), t.[sku]), N'-') + COALESCE(CONVERT(nvarchar(20), DATALENGTH(CONVERT(nvarchar(max), t.[id]))) + N':' + CONVERT(nvarchar(max), t.[id]), N'-') + COALESCE(CONVERT(nvarchar(20), DATALENGTH(CONVERT(nvarchar(max), t.[flag]))) + N':' + CONVERT(nvarchar(max), t.[flag]), N'-')), 1, 8))

SET TRANSACTION ISOLATION LEVEL SNAPSHOT

BEGIN TRANSACTION

SET TRANSACTION ISOLATION LEVEL READ COMMITTED

SET TRANSACTION ISOLATION LEVEL SERIALIZABLE

SET ANSI_NULLS ON; SET ANSI_PADDING ON; SET ANSI_WARNINGS ON; SET ARITHABORT ON; SET CONCAT_NULL_YIELDS_NULL ON;
SET QUOTED_IDENTIFIER ON; SET NUMERIC_ROUNDABORT OFF; SET IMPLICIT_TRANSACTIONS OFF; SET CURSOR_CLOSE_ON_COMMIT OFF;
SET XACT_ABORT ON; SET NOCOUNT OFF; SET LANGUAGE us_english; SET DATEFORMAT ymd; SET DATEFIRST 7; SET TEXTSIZE 2147483647;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCK_TIMEOUT 30000