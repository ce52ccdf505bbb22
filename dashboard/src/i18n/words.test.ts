import { buildSchema, isEnumType, isInputObjectType } from 'graphql';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commands } from '../api/generated/commands';
import { words, languages } from '.';

const schema = buildSchema(readFileSync('../schema.graphql', 'utf8'));
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((each) => each[1]);

describe('the words', () => {
  it('are all there in each language', () => {
    const missing = Object.entries(words).filter(
      ([, texts]) => texts.length !== languages.length || texts.some((text) => text.trim() === ''),
    );
    expect(missing).toEqual([]);
  });

  it('take the same values in each language', () => {
    const differing = Object.entries(words).filter(([, texts]) => {
      const [fi, sv, en] = texts.map((text) => placeholders(text).sort().join(' '));
      return fi !== sv || sv !== en;
    });
    expect(differing).toEqual([]);
  });

  it('name every value of every enum that people see', () => {
    const missing = Object.values(schema.getTypeMap())
      .filter((type) => isEnumType(type) && !type.name.startsWith('__'))
      .flatMap((type) => (isEnumType(type) ? type.getValues() : []))
      .map((value) => value.name)
      .filter((name) => !(`value.${name}` in words));
    expect(missing).toEqual([]);
  });

  it('name every field of every command that a page offers', () => {
    const missing = new Set<string>();
    const seen = new Set<string>();
    const walk = (typeName: string) => {
      if (seen.has(typeName)) return;
      seen.add(typeName);
      const type = schema.getType(typeName);
      if (!isInputObjectType(type)) return;
      for (const field of Object.values(type.getFields())) {
        if (!(`field.${field.name}` in words)) missing.add(`${typeName}.${field.name}`);
        walk(String(field.type).replaceAll(/[[\]!]/g, ''));
      }
    };
    for (const [name, command] of Object.entries(commands)) {
      if (`command.${name}` in words) walk(command.input);
    }
    expect([...missing]).toEqual([]);
  });

  it('offer only commands that there are', () => {
    const offered = Object.keys(words)
      .filter((key) => key.startsWith('command.'))
      .map((key) => key.slice('command.'.length));
    expect(offered.filter((name) => !(name in commands))).toEqual([]);
  });
});
