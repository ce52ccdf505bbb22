import { describe, expect, it } from 'vitest';
import { conform, isNothing, normalPath, toInput } from './value';

const change = { kind: 'object', type: 'ChangeHomeIntegrationInput', required: true };

describe('what a form sends', () => {
  it('leaves out what was not filled in', () => {
    const input = toInput(
      {
        integration: 'integration:1',
        secret: '  ',
        configuration: {
          upstream: { openIdConnect: { clientId: ' abc ', issuer: 'https://x', scopes: [''] } },
          datasource: '',
          nonDisclosure: {},
          tags: [],
        },
      },
      change,
    );
    expect(input).toEqual({
      integration: 'integration:1',
      configuration: {
        upstream: { openIdConnect: { clientId: 'abc', issuer: 'https://x', scopes: [] } },
        tags: [],
      },
    });
  });

  it('gives numbers as numbers, and what is none as it was typed', () => {
    const shape = { kind: 'Int' };
    expect(toInput('30', shape)).toBe(30);
    expect(toInput('many', shape)).toBe('many');
    expect(toInput('', shape)).toBeUndefined();
  });

  it('gives an unticked box that is asked for as no', () => {
    expect(toInput(undefined, { kind: 'Boolean', required: true })).toBe(false);
    expect(toInput(undefined, { kind: 'Boolean' })).toBeUndefined();
  });

  it('keeps an empty list that was chosen: an empty LIST permits nothing', () => {
    const input = toInput(
      { integration: 'i', mode: 'LIST', services: [] },
      { kind: 'object', type: 'SetPermissionModeInput', required: true },
    );
    expect(input).toEqual({ integration: 'i', mode: 'LIST', services: [] });
  });
});

describe('a record in a form', () => {
  it('is cut to what the command takes', () => {
    const record = {
      upstream: { wilma: { host: 'kunta.example.org', more: 1 } },
      attributes: [{ attribute: 'username', source: 'uid', unknown: true }],
      datasource: null,
      unknown: 'x',
    };
    const shape = { kind: 'object', type: 'HomeConfigurationInput' };
    expect(conform(record, shape)).toEqual({
      upstream: { wilma: { host: 'kunta.example.org' } },
      attributes: [{ attribute: 'username', source: 'uid' }],
    });
  });
});

it('nothing is nothing however deep', () => {
  expect(isNothing({ a: { b: ['', { c: false }] } })).toBe(true);
  expect(isNothing({ a: { b: ['', { c: 'x' }] } })).toBe(false);
});

it('paths of the API and of the form are alike', () => {
  expect(normalPath('configuration.attributes[2].source')).toBe(
    'configuration.attributes.2.source',
  );
});
