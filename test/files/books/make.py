import openpyxl, datetime
wb=openpyxl.Workbook(); ws=wb.active; ws.title='Prices'
ws.append(['sku','net','share','day','at','clock','span','ok','note','gross','ratio'])
D=datetime
rows=[
 ['A-1',1.5,0.25,D.date(2024,2,29),D.datetime(2024,2,29,23,59,58),D.time(8,30),D.timedelta(hours=30,minutes=5),True,'plain'],
 ['B "q", ü',0.1,1,D.date(1999,12,31),D.datetime(2024,1,1),D.time(0,0),D.timedelta(hours=25),False,'line\nbreak'],
 ['🎉',-1234567.875,0.005,D.date(1900,3,1),D.datetime(2024,6,30,12,0,1),D.time(23,59,59),D.timedelta(hours=100),True,'  spaced  out '],
 [],
 ['C',0,None,None,None,None,None,None,None],
]
for i,r in enumerate(rows):
    n=i+2
    for c,v in enumerate(r): ws.cell(n,c+1).value=v
    if r:
        ws.cell(n,10).value=f'=B{n}*2'; ws.cell(n,11).value=f'=1/B{n}'
    ws.cell(n,2).number_format='#,##0.00 "€";[Red]-#,##0.00 "€"'; ws.cell(n,3).number_format='0.00%'
    ws.cell(n,4).number_format='[$-407]dd. mmmm yyyy;@'; ws.cell(n,5).number_format='yyyy-mm-dd hh:mm:ss'; ws.cell(n,6).number_format='hh:mm:ss'; ws.cell(n,7).number_format='[h]:mm:ss'
h=wb.create_sheet('Archive'); h.sheet_state='hidden'; h.append(['id','name']); h.append([1,'old'])
p=wb.create_sheet('Report'); p.append(['sku','2024',None,'2025',None]); p.append([None,'Q1','Q2','Q1','Q2']); p.append(['A-1',1,2,3,4]); p.append(['B-2',5,6,7,8])
for m in ('A1:A2','B1:C1','D1:E1'): p.merge_cells(m)
from openpyxl.workbook.defined_name import DefinedName
wb.defined_names['NetPrices']=DefinedName('NetPrices',attr_text='Prices!$A$1:$B$4')
wb.save('openpyxl.xlsx')
