import { cruiseFloors } from './floors/cruise.ts'

const breaches = await cruiseFloors(process.cwd())
for (const { text } of breaches) console.log(text)
if (breaches.length > 0) process.exitCode = 1
