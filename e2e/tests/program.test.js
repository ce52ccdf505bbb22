// The helper that starts programs: it must not take a dead program for a ready one.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort, graphql, runProgram, startProgram } from '../lib/program.js';

const HOST = '127.0.0.31';

/** A program that answers `answer` to everything and ends well when it is asked to. */
const server = (answer) => `
  const server = require('node:http').createServer((request, response) => response.end(${JSON.stringify(answer)}));
  process.on('SIGTERM', () => process.exit(0));
  server.listen(process.env.PORT, ${JSON.stringify(HOST)});`;

async function start(script) {
  const port = await freePort(HOST);
  const address = `http://${HOST}:${port}/`;
  const program = await startProgram(process.execPath, ['-e', script], { ready: address, env: { PORT: port } });
  return { ...program, address };
}

test('a program that is ready can be stopped', async () => {
  const program = await start(server('ready'));
  await program.stop();
});

test('a program that ends before it is ready is an error with what it said', async () => {
  await assert.rejects(start("console.error('no such configuration'); process.exit(3)"), (error) => {
    assert.match(error.message, /ended \(3\) before it was ready/);
    assert.match(error.message, /no such configuration/);
    return true;
  });
});

test('a program that cannot be found is an error', async () => {
  await assert.rejects(
    startProgram('/nonexistent/program', [], { ready: `http://${HOST}:1/` }),
    /ENOENT/,
  );
});

test('a program that does not end well is an error', async () => {
  const program = await start(server('ready').replace('process.exit(0)', 'process.exit(9)'));
  await assert.rejects(program.stop(), /did not end well \(9\)/);
});

test('a program runs to its end', async () => {
  const { code, stdout } = await runProgram(process.execPath, ['-e', "console.log('done'); process.exitCode = 4"]);
  assert.deepEqual({ code, stdout }, { code: 4, stdout: 'done\n' });
});

test('a fault in a GraphQL answer fails, data comes back', async () => {
  const good = await start(server('{"data":{"answer":42}}'));
  const bad = await start(server('{"data":null,"errors":[{"message":"internal"}]}'));
  try {
    assert.deepEqual(await graphql(good.address, 'credential', '{ answer }'), { answer: 42 });
    await assert.rejects(graphql(bad.address, 'credential', '{ answer }'), /internal/);
  } finally {
    await good.stop();
    await bad.stop();
  }
});
