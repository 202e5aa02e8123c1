// Stands between a gateway and a stdio server, and writes down every line the server is given.
//   node tee.mjs RECORD_FILE COMMAND ARGUMENTS…
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [file, command, ...args] = process.argv.slice(2);
const server = spawn(command, args, { stdio: ['pipe', 'inherit', 'inherit'] });
createInterface({ input: process.stdin })
  .on('line', line => { appendFileSync(file, line + '\n'); server.stdin.write(line + '\n'); })
  .on('close', () => server.stdin.end());
server.on('exit', code => process.exit(code ?? 1));
