import { strToU8, unzipSync, type Zippable, zipSync } from 'fflate'

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const packages = 'http://schemas.openxmlformats.org/package/2006'
const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'

/** The parts of a book by their names. */
export type BookParts = Readonly<Record<string, string>>

/**
 * What a book holds that people work with: a price list under a title with a filter, formats, links and comments; sums of it
 * with a chart; a table; macros, a picture, the order of calculation.
 */
export const richBook: BookParts = {
  '[Content_Types].xml': `${declaration}<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/><Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/>${[1, 2, 3].map((n) => `<Override PartName="/xl/worksheets/sheet${n}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`).join('')}<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/><Override PartName="/xl/calcChain.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"/><Override PartName="/xl/tables/table1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.table+xml"/><Override PartName="/xl/charts/chart1.xml" ContentType="application/vnd.openxmlformats-officedocument.drawingml.chart+xml"/></Types>`,
  '_rels/.rels': relationships({ rId1: ['officeDocument', 'xl/workbook.xml'] }),
  'docProps/app.xml': `${declaration}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>Microsoft Excel</Application></Properties>`,
  'xl/workbook.xml': `${declaration}<workbook xmlns="${main}" xmlns:r="${office}"><workbookPr codeName="ThisWorkbook"/><bookViews><workbookView xWindow="240" activeTab="1"/></bookViews><sheets><sheet name="Prices" sheetId="4" r:id="rId1"/><sheet name="Sums" sheetId="2" r:id="rId2"/><sheet name="Stock" sheetId="7" r:id="rId3"/></sheets><definedNames><definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">Prices!$A$3:$D$5</definedName><definedName name="Rate">Sums!$A$1</definedName></definedNames><calcPr calcId="191029"/></workbook>`,
  'xl/_rels/workbook.xml.rels': relationships({
    rId1: ['worksheet', 'worksheets/sheet1.xml'],
    rId2: ['worksheet', 'worksheets/sheet2.xml'],
    rId3: ['worksheet', 'worksheets/sheet3.xml'],
    rId4: ['styles', 'styles.xml'],
    rId5: ['sharedStrings', 'sharedStrings.xml'],
    rId6: ['calcChain', 'calcChain.xml'],
    rId7: ['vbaProject', 'vbaProject.bin'],
  }),
  'xl/worksheets/sheet1.xml': `${declaration}<worksheet xmlns="${main}" xmlns:r="${office}"><sheetPr codeName="Sheet1"/><dimension ref="A1:E5"/><sheetViews><sheetView tabSelected="1" workbookViewId="0"/></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols><col min="2" max="2" width="30" customWidth="1"/></cols><sheetData><row r="1" ht="24" customHeight="1"><c r="A1" s="1" t="s"><v>0</v></c></row><row r="3" spans="1:4"><c r="A3" s="1" t="s"><v>1</v></c><c r="B3" s="1" t="s"><v>2</v></c><c r="C3" s="1" t="s"><v>3</v></c><c r="D3" s="1" t="s"><v>4</v></c></row><row r="4" hidden="1"><c r="A4" t="s"><v>5</v></c><c r="B4" t="s"><v>6</v></c><c r="C4" s="2"><f>5*2.1</f><v>10.5</v></c><c r="D4" s="3"><v>46023</v></c></row><row r="5"><c r="A5" t="s"><v>7</v></c><c r="B5" t="s"><v>8</v></c><c r="C5" s="2"><v>11.5</v></c><c r="D5" s="3"><v>46024</v></c></row><row r="9"><c r="A9" s="2"/></row></sheetData><autoFilter ref="A3:D5"><filterColumn colId="0"><filters><filter val="A1"/></filters></filterColumn></autoFilter><mergeCells count="2"><mergeCell ref="A1:D1"/><mergeCell ref="A5:B5"/></mergeCells><conditionalFormatting sqref="C4:C100"><cfRule type="cellIs" priority="1" operator="greaterThan"><formula>11</formula></cfRule></conditionalFormatting><hyperlinks><hyperlink ref="A4" location="Sums!A1"/></hyperlinks><pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/></worksheet>`,
  'xl/worksheets/sheet2.xml': `${declaration}<worksheet xmlns="${main}" xmlns:r="${office}"><sheetData><row r="1"><c r="A1"><f>SUM(Prices!C4:C5)</f><v>22</v></c></row></sheetData><drawing r:id="rId1"/></worksheet>`,
  'xl/worksheets/_rels/sheet2.xml.rels': relationships({ rId1: ['drawing', '../drawings/drawing1.xml'] }),
  'xl/worksheets/sheet3.xml': `${declaration}<worksheet xmlns="${main}" xmlns:r="${office}"><sheetData><row r="1"><c r="A1" t="s"><v>1</v></c><c r="B1" t="s"><v>9</v></c></row><row r="2"><c r="A2" t="s"><v>5</v></c><c r="B2"><v>5</v></c></row></sheetData><tableParts count="1"><tablePart r:id="rId1"/></tableParts></worksheet>`,
  'xl/worksheets/_rels/sheet3.xml.rels': relationships({ rId1: ['table', '../tables/table1.xml'] }),
  'xl/tables/table1.xml': `${declaration}<table xmlns="${main}" id="1" name="Stock" displayName="Stock" ref="A1:B2" totalsRowShown="0"><autoFilter ref="A1:B2"/><tableColumns count="2"><tableColumn id="1" name="sku"/><tableColumn id="2" name="qty"/></tableColumns></table>`,
  'xl/drawings/drawing1.xml': `${declaration}<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"/>`,
  'xl/charts/chart1.xml': `${declaration}<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"/>`,
  'xl/media/image1.png': '\u0089PNG not really',
  'xl/styles.xml': `${declaration}<styleSheet xmlns="${main}"><numFmts count="2"><numFmt numFmtId="164" formatCode="#,##0.00\\ &quot;€&quot;"/><numFmt numFmtId="165" formatCode="d/\\ mmm\\ yyyy"/></numFmts><fonts count="2"><font><sz val="10"/><name val="Arial"/></font><font><b/><sz val="10"/><color rgb="FFFF0000"/><name val="Arial"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"><alignment horizontal="left"/></xf></cellXfs><dxfs count="0"/></styleSheet>`,
  'xl/sharedStrings.xml': `${declaration}<sst xmlns="${main}" count="12" uniqueCount="10">${['Price list', 'sku', 'name', 'price', 'since', 'A0', 'Thing 0', 'A1', 'Thing 1', 'qty'].map((text) => `<si><t>${text}</t></si>`).join('')}</sst>`,
  'xl/calcChain.xml': `${declaration}<calcChain xmlns="${main}"><c r="A1" i="2"/><c r="C4" i="4"/></calcChain>`,
  'xl/vbaProject.bin': 'macros',
}

function relationships(links: Readonly<Record<string, readonly [kind: string, target: string]>>): string {
  const all = Object.entries(links).map(([id, [kind, target]]) => {
    const type = kind === 'vbaProject' ? 'http://schemas.microsoft.com/office/2006/relationships/vbaProject' : `${office}/${kind}`
    return `<Relationship Id="${id}" Type="${type}" Target="${target}"/>`
  })
  return `${declaration}<Relationships xmlns="${packages}/relationships">${all.join('')}</Relationships>`
}

/** The bytes of a book, zipped by a program other than the tested one. */
export function zipped(parts: BookParts): Uint8Array {
  const files: Zippable = {}
  for (const [name, text] of Object.entries(parts)) files[name] = strToU8(text)
  return zipSync(files)
}

/** The parts of a book as text, unzipped by a program other than the tested one. */
export function unzipped(bytes: Uint8Array): BookParts {
  return Object.fromEntries(Object.entries(unzipSync(bytes)).map(([name, content]) => [name, Buffer.from(content).toString('utf8')]))
}

/** Names of the parts that differ between two books. */
export function changedParts(before: BookParts, after: BookParts): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => before[name] !== after[name]).sort()
}
