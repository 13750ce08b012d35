import { writeFileSync } from "node:fs";
writeFileSync("migrated.txt", process.env.DATABASE_URL + "\n");
console.log("migrated");
