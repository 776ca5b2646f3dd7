// Checks the types of the page's modules, by their JSDoc and by what follows from it; those in vendor/ are not ours.

import path from "node:path";
import ts from "typescript";

const here = import.meta.dirname;
const read = ts.readConfigFile(path.join(here, "tsconfig.json"), ts.sys.readFile);
const { fileNames, options } = ts.parseJsonConfigFileContent(read.config, ts.sys, here);
const program = ts.createProgram(fileNames, options);
const faults = fileNames.flatMap((name) => ts.getPreEmitDiagnostics(program, program.getSourceFile(name)));
const host = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => process.cwd(), getNewLine: () => "\n" };
process.stdout.write(ts.formatDiagnostics(faults, host));
process.exit(faults.length ? 1 : 0);
