'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const Backendless = require('backendless');

const { expectEnvelope, expectRecent, unknownColumn, useServer } = require('../harness');

let counters;

const server = useServer({}, async (started) => {
  const client = await started.client();
  await started.createTable('Counter', { n: 'INT', m: 'INT', rate: 'DOUBLE', name: 'STRING' });
  counters = client.Data.of('Counter');
});

const expression = (text) => new Backendless.Expression(text);

for (const [text, expected] of [
  ['n + 1', 11],
  ['n - 1', 9],
  ['n * 2', 20],
  ['n + m', 13],
  ['(n + m) * 2', 26],
  ['n - -1', 11],
  ['n ++ 1', 11],
  ['m', 3],
]) {
  test(`${text} is worked out by the server`, async () => {
    const { objectId } = await counters.save({ n: 10, m: 3, name: 'stays' });

    const saved = await counters.save({ objectId, n: expression(text) });

    assert.equal(saved.n, expected);
    assert.equal(saved.m, 3);
    assert.equal(saved.name, 'stays');
    expectRecent(saved.updated);
    assert.equal((await counters.findById(objectId)).n, expected);
  });
}

test('a fraction goes into a column for fractions', async () => {
  const { objectId } = await counters.save({ n: 10, rate: 0.5 });

  assert.equal((await counters.save({ objectId, rate: expression('rate * n + 0.25') })).rate, 5.25);
});

test('increments at once all count', async () => {
  const { objectId } = await counters.save({ n: 0 });

  const increment = () => counters.save({ objectId, n: expression('n + 1') });
  await Promise.all(Array.from({ length: 20 }, increment));

  assert.equal((await counters.findById(objectId)).n, 20);
});

test('a bulk update works out an expression for every row', async () => {
  const ids = await counters.bulkCreate([1, 2, 3].map((n) => ({ n, name: 'in bulk' })));

  assert.equal(await counters.bulkUpdate("name = 'in bulk'", { n: expression('n * 10') }), 3);

  const found = await Promise.all(ids.map((id) => counters.findById(id)));
  assert.deepEqual(
    found.map((row) => row.n),
    [10, 20, 30],
  );
});

for (const text of [
  ...['n +', '+', '(n', 'n)', 'n 1', '(select 1)', 'n; drop table Counter', 'n -- 1 x'],
  ...['n /* x */ + 1', 'launch(n)', "load_extension('x')", 'randomblob(1000000000)', '?', ':n'],
  ...[`${'('.repeat(1_000)}n${')'.repeat(1_000)}`, 'n + 1 '.repeat(10_000), '\u0000', '', ' '],
]) {
  test(`the expression ${JSON.stringify(text.slice(0, 30))} is refused`, async () => {
    const { objectId } = await counters.save({ n: 10 });

    const n = { ___class: 'BackendlessExpression', value: text };
    const answer = await server.call('PUT', '/data/Counter', { json: { objectId, n } });
    expectEnvelope(answer, { status: 400 });

    assert.equal((await counters.findById(objectId)).n, 10);
  });
}

test('an expression about a column that is not there is refused with 1006', async () => {
  const { objectId } = await counters.save({ n: 10 });

  const n = { ___class: 'BackendlessExpression', value: 'nothing + 1' };
  const answer = await server.call('PUT', '/data/Counter', { json: { objectId, n } });
  expectEnvelope(answer, unknownColumn('nothing', 'Counter'));
});

for (const value of [undefined, null, 7, {}, ['n + 1']]) {
  test(`an expression of ${JSON.stringify(value)} is refused`, async () => {
    const { objectId } = await counters.save({ n: 10 });

    const n = { ___class: 'BackendlessExpression', value };
    expectEnvelope(await server.call('PUT', '/data/Counter', { json: { objectId, n } }), {
      status: 400,
    });
    assert.equal((await counters.findById(objectId)).n, 10);
  });
}

test('a division by zero breaks nothing', async () => {
  const { objectId } = await counters.save({ n: 10, m: 0 });

  const n = { ___class: 'BackendlessExpression', value: 'n / m' };
  const answer = await server.call('PUT', '/data/Counter', { json: { objectId, n } });

  assert.ok(answer.status < 500, answer.text);
});
