// Holds YAML texts against a JSON Schema with the validator that editors use: SCHEMA on the command line, texts as JSON lines on stdin,
// one line `true` or `false` out for each.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import Ajv from 'ajv';
import { parse } from 'yaml';

const validate = new Ajv({ strict: true, strictRequired: false, strictTypes: false, strictTuples: false, allErrors: true }).compile(JSON.parse(readFileSync(process.argv[2], 'utf8')));
for await (const line of createInterface({ input: process.stdin })) {
  let valid;
  try {
    valid = validate(parse(JSON.parse(line), { version: '1.2', schema: 'core' }));
  } catch {
    valid = false;
  }
  console.log(valid);
}
