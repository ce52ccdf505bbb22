// Writes what the dashboard takes from ../schema.graphql: the types that gql.tada checks documents
// against, and the shape of every command's input, from which its form is made.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { generateOutput } from '@gql.tada/cli-utils';
import { buildSchema, isEnumType, isInputObjectType, isListType, isNonNullType } from 'graphql';

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
const inputs = {};
const enums = {};

/** The first paragraph, without Markdown's marks; what the API says of a field. */
const words = (text) => (text ?? '').split('\n\n')[0].replaceAll(/\s+/g, ' ').replaceAll('`', '');

/** What a text is, where the schema says so in its last paragraph. */
const KINDS = [
  ['SHA-256 of a document', 'document'],
  ['Identifier of an organisation', 'organisation'],
  ['Text in words', 'text'],
  ['Reason in words', 'text'],
  ['X.509', 'certificate'],
  ['A secret; one that', 'secret'],
];
const textKind = (text) => KINDS.find(([words]) => (text ?? '').includes(words))?.[1];

function shape(type) {
  if (isNonNullType(type)) return { ...shape(type.ofType), required: true };
  if (isListType(type)) {
    const of = shape(type.ofType);
    delete of.required;
    return { kind: 'list', of };
  }
  if (isEnumType(type)) {
    enums[type.name] ??= type.getValues().map((value) => value.name);
    return { kind: 'enum', type: type.name };
  }
  if (isInputObjectType(type)) {
    if (!inputs[type.name]) {
      const entry = (inputs[type.name] = { fields: {} });
      if (type.isOneOf) entry.oneOf = true;
      for (const field of Object.values(type.getFields())) {
        const as = textKind(field.description);
        entry.fields[field.name] = {
          ...shape(field.type),
          ...(as ? { as } : {}),
          says: words(field.description),
        };
      }
    }
    return { kind: 'object', type: type.name };
  }
  return { kind: type.name };
}

for (const type of Object.values(schema.getTypeMap())) {
  if (isEnumType(type) && !type.name.startsWith('__')) {
    enums[type.name] = type.getValues().map((value) => value.name);
  }
}

const commands = {};
for (const field of Object.values(schema.getMutationType().getFields())) {
  const input = shape(field.args.find((argument) => argument.name === 'input').type);
  const may = /Who may: ([\s\S]*)\.\s*$/.exec(field.description ?? '')?.[1] ?? '';
  const rights = may.split(',').map((entry) => {
    const [right, , of] = entry.replaceAll('`', '').trim().split(/\s+/);
    return of ? { right, of } : { right };
  });
  commands[field.name] = { input: input.type, rights, says: words(field.description) };
}

const folder = new URL('../src/api/generated/', import.meta.url);
mkdirSync(folder, { recursive: true });
const head = '// Written by scripts/schema.mjs from schema.graphql.\n';
const json = (value) => JSON.stringify(value);
writeFileSync(
  new URL('commands.ts', folder),
  `${head}export const commands = ${json(commands)} as const;\n`,
);
writeFileSync(
  new URL('enums.ts', folder),
  `${head}export const enums = ${json(enums)} as const;\n`,
);
writeFileSync(
  new URL('inputs.ts', folder),
  `${head}import type { InputShape } from '../shape';\nexport const inputs: Record<string, InputShape> = ${json(inputs)};\n`,
);
await generateOutput({
  output: './src/api/generated/graphql-env.d.ts',
  tsconfig: './tsconfig.json',
  disablePreprocessing: false,
});
