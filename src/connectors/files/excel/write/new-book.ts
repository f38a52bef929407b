const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
export const spreadsheet = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const document = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const packages = 'http://schemas.openxmlformats.org/package/2006'
const types = 'application/vnd.openxmlformats-officedocument.spreadsheetml'

export const worksheetType = `${types}.worksheet+xml`
export const stylesType = `${types}.styles+xml`

/** The part of a new book's only sheet. */
export const firstSheet = 'xl/worksheets/sheet1.xml'
export const stylesPart = 'xl/styles.xml'

/** The parts of a new book without those that depend on its rows: its sheet and its styles. */
export function bookParts(sheet: string): readonly { readonly name: string; readonly xml: string }[] {
  return [
    { name: '[Content_Types].xml', xml: contentTypes },
    { name: '_rels/.rels', xml: relationships([['officeDocument', 'xl/workbook.xml']]) },
    { name: 'xl/workbook.xml', xml: workbook(sheet) },
    {
      name: 'xl/_rels/workbook.xml.rels',
      xml: relationships([
        ['worksheet', 'worksheets/sheet1.xml'],
        ['styles', 'styles.xml'],
      ]),
    },
  ]
}

const contentTypes = `${declaration}<Types xmlns="${packages}/content-types">\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="application/xml"/>\
<Override PartName="/xl/workbook.xml" ContentType="${types}.sheet.main+xml"/>\
<Override PartName="/${firstSheet}" ContentType="${worksheetType}"/>\
<Override PartName="/${stylesPart}" ContentType="${stylesType}"/></Types>`

function relationships(links: readonly (readonly [kind: string, target: string])[]): string {
  const all = links.map(([kind, target], index) => `<Relationship Id="rId${index + 1}" Type="${document}/${kind}" Target="${target}"/>`)
  return `${declaration}<Relationships xmlns="${packages}/relationships">${all.join('')}</Relationships>`
}

/** @param sheet its name, escaped. */
function workbook(sheet: string): string {
  return `${declaration}<workbook xmlns="${spreadsheet}" xmlns:r="${document}">\
<bookViews><workbookView/></bookViews><sheets><sheet name="${sheet}" sheetId="1" r:id="rId1"/></sheets></workbook>`
}

/** What a style sheet has at least. */
export const plainStyles = `${declaration}<styleSheet xmlns="${spreadsheet}">\
<fonts count="1"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
