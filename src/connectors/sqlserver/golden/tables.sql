CREATE TABLE [sales].[it]]s] ([code] nvarchar(450) NOT NULL, [t] nvarchar(max) NULL, PRIMARY KEY ([code]))

CREATE TABLE [sales].[pairs] ([t] nvarchar(420) NOT NULL, [u] nvarchar(420) NOT NULL, [n] bigint NOT NULL, PRIMARY KEY ([t], [u], [n]))

CREATE TABLE [dbo].[prices] ([sku] nvarchar(20) NOT NULL, [id] int NOT NULL, [flag] bit NULL)

ALTER TABLE [dbo].[prices] ADD [t] nvarchar(max) NULL

CREATE TABLE [dbo].[_syncline_load_1] ([sku] nvarchar(20) COLLATE SQL_Latin1_General_CP1_CI_AS NOT NULL, [id] int IDENTITY(1, 2) NOT NULL, [flag] bit NULL, [small] tinyint NULL, [big] bigint NULL, [amount] decimal(12,2) NULL, [fee] money NULL, [ratio] float NULL, [rough] real NULL, [old text] varchar(10) COLLATE French_CI_AS NULL, [fixed] char(3) COLLATE French_CI_AS NULL, [wide] nchar(3) COLLATE SQL_Latin1_General_CP1_CI_AS NULL, [legacy] text COLLATE French_CI_AS NULL, [note]]] nvarchar(max) COLLATE SQL_Latin1_General_CP1_CI_AS NULL, [raw] varbinary(16) NULL, [day] date NULL, [clock] time(3) NULL, [then] datetime NULL, [minute] smalldatetime NULL, [naive] datetime2(7) NULL, [at] datetimeoffset(6) NULL, [guid] uniqueidentifier NULL, [tree] hierarchyid NULL, [place] geography NULL, [doc] xml NULL, [version] rowversion NULL)

ALTER TABLE [dbo].[_syncline_load_1] ADD CONSTRAINT [_syncline_key_1_0] PRIMARY KEY CLUSTERED ([sku] DESC)

ALTER TABLE [dbo].[_syncline_load_1] ADD UNIQUE NONCLUSTERED ([sku] DESC)

CREATE UNIQUE NONCLUSTERED INDEX [by_sku] ON [dbo].[_syncline_load_1] ([sku] DESC) INCLUDE ([id])

DROP TABLE [dbo].[prices]

EXEC sp_rename N'[dbo].[_syncline_load_1]', N'prices', N'OBJECT'

EXEC sp_rename N'[dbo].[_syncline_key_1_0]', N'PK_prices', N'OBJECT'

ALTER TABLE [dbo].[prices] ADD CONSTRAINT [DF_flag] DEFAULT ((0)) FOR [flag]

CREATE TABLE [dbo].[_syncline_commits] (number bigint IDENTITY NOT NULL PRIMARY KEY, id uniqueidentifier NOT NULL UNIQUE)