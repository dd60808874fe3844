'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const Backendless = require('backendless');

const { expectEnvelope, useServer } = require('../harness');

const { JSONUpdateBuilder } = Backendless;
const DOCUMENT = {
  letter: 'a',
  number: 10,
  nested: { deep: { er: true } },
  colors: ['red', 'green', 'blue'],
};

let documents;

const server = useServer({}, async (started) => {
  const client = await started.client();
  await started.createTable('Document', { json: 'JSON', name: 'STRING', n: 'INT' });
  documents = client.Data.of('Document');
});

/** What a document becomes by a builder, and by the plain object that it makes. */
async function changed(builder) {
  const results = [];
  for (const json of [builder, builder.create()]) {
    const { objectId } = await documents.save({ json: DOCUMENT, name: 'stays' });
    const saved = await documents.save({ objectId, json });
    assert.equal(saved.name, 'stays');
    assert.deepEqual((await documents.findById(objectId)).json, saved.json);
    results.push(saved.json);
  }
  assert.deepEqual(results[0], results[1]);
  return results[0];
}

test('SET replaces what is there and adds what is not', async () => {
  const json = await changed(
    JSONUpdateBuilder.SET()
      .addArgument('$.letter', 'b')
      .addArgument('$.number', 36.5)
      .addArgument('$.added', { list: [1, null] })
      .addArgument('$.nested.deep.er', false)
      .addArgument('$.colors[1]', null),
  );

  assert.deepEqual(json, {
    ...{ letter: 'b', number: 36.5, added: { list: [1, null] } },
    ...{ nested: { deep: { er: false } }, colors: ['red', null, 'blue'] },
  });
});

test('INSERT adds what is not there and leaves the rest', async () => {
  const json = await changed(
    JSONUpdateBuilder.INSERT().addArgument('$.letter', 'b').addArgument('$.state', 'on'),
  );

  assert.deepEqual(json, { ...DOCUMENT, state: 'on' });
});

test('REPLACE changes what is there and adds nothing', async () => {
  const json = await changed(
    JSONUpdateBuilder.REPLACE().addArgument('$.letter', 'b').addArgument('$.state', 'on'),
  );

  assert.deepEqual(json, { ...DOCUMENT, letter: 'b' });
});

test('REMOVE takes away keys and elements', async () => {
  const json = await changed(
    JSONUpdateBuilder.REMOVE()
      .addArgument('$.letter')
      .addArgument('$.nested.deep')
      .addArgument('$.colors[0]')
      .addArgument('$.nothing'),
  );

  assert.deepEqual(json, { number: 10, nested: {}, colors: ['green', 'blue'] });
});

test('ARRAY_APPEND puts at the end', async () => {
  const json = await changed(JSONUpdateBuilder.ARRAY_APPEND().addArgument('$.colors', 'black'));

  assert.deepEqual(json, { ...DOCUMENT, colors: [...DOCUMENT.colors, 'black'] });
});

test('ARRAY_INSERT puts where it is told', async () => {
  const json = await changed(JSONUpdateBuilder.ARRAY_INSERT().addArgument('$.colors[1]', 'black'));

  assert.deepEqual(json, { ...DOCUMENT, colors: ['red', 'black', 'green', 'blue'] });
});

test('an operation goes beside other changes', async () => {
  const { objectId } = await documents.save({ json: DOCUMENT, n: 1 });

  const json = JSONUpdateBuilder.SET().addArgument('$.number', 11);
  const saved = await documents.save({ objectId, json, n: 2 });

  assert.equal(saved.n, 2);
  assert.equal(saved.json.number, 11);
});

test('operations at once all count', async () => {
  const { objectId } = await documents.save({ json: { list: [] } });

  const numbers = [1, 2, 3, 4, 5, 6];
  await Promise.all(
    numbers.map((number) =>
      documents.save({
        objectId,
        json: JSONUpdateBuilder.ARRAY_APPEND().addArgument('$.list', number),
      }),
    ),
  );

  assert.deepEqual((await documents.findById(objectId)).json.list.sort(), numbers);
});

test('keys with every letter are reached by their quoted names', async () => {
  const { objectId } = await documents.save({ json: { 'a b': 1, ключ: 2 } });

  const json = JSONUpdateBuilder.SET().addArgument('$."a b"', 3).addArgument('$."ключ"', 4);
  assert.deepEqual((await documents.save({ objectId, json })).json, { 'a b': 3, ключ: 4 });
});

test('a document can be read back, replaced and cleared', async () => {
  const { objectId } = await documents.save({ json: DOCUMENT });

  assert.deepEqual((await documents.save({ objectId, json: [1, 'two'] })).json, [1, 'two']);
  assert.equal((await documents.save({ objectId, json: null })).json, null);
});

test('a document that only looks a little like an operation is a document', async () => {
  const json = { args: { '$.a': 1 }, operation: 'JSON_SET' };

  assert.deepEqual((await documents.save({ json })).json, json);
});

for (const [what, json] of [
  ['an unknown operation', { ___operation: 'JSON_EXPLODE', args: { '$.a': 1 } }],
  ['an operation that is a number', { ___operation: 7, args: { '$.a': 1 } }],
  ['an operation without arguments', { ___operation: 'JSON_SET' }],
  ['arguments that are a text', { ___operation: 'JSON_SET', args: '$.a' }],
  ['arguments in a list where pairs belong', { ___operation: 'JSON_SET', args: ['$.a'] }],
  ['pairs where a list belongs', { ___operation: 'JSON_REMOVE', args: { '$.a': 1 } }],
  ['a list of numbers as paths', { ___operation: 'JSON_REMOVE', args: [7] }],
  ['a path without a dollar', { ___operation: 'JSON_SET', args: { letter: 'b' } }],
  ['a path that ends too early', { ___operation: 'JSON_SET', args: { '$.': 'b' } }],
  ['a path with an open bracket', { ___operation: 'JSON_SET', args: { '$.colors[1': 'b' } }],
  ['a path with a wild card', { ___operation: 'JSON_SET', args: { '$.*': 'b' } }],
  ['a path with a quote', { ___operation: 'JSON_SET', args: { "$.a'||(select 1)||'": 'b' } }],
  [
    'a path of ten thousand steps',
    { ___operation: 'JSON_SET', args: { [`$${'.a'.repeat(1e4)}`]: 1 } },
  ],
]) {
  test(`${what} is refused and changes nothing`, async () => {
    const { objectId } = await documents.save({ json: DOCUMENT });

    const answer = await server.call('PUT', '/data/Document', { json: { objectId, json } });
    expectEnvelope(answer, { status: 400 });

    assert.deepEqual((await documents.findById(objectId)).json, DOCUMENT);
  });
}

test('an operation on a column that holds no JSON is refused', async () => {
  const { objectId } = await documents.save({ name: 'Bob', n: 1 });
  const operation = JSONUpdateBuilder.SET().addArgument('$.a', 1).create();

  for (const column of ['name', 'n', 'objectId2']) {
    const json = { objectId, [column]: operation };
    const answer = await server.call('PUT', '/data/Document', { json });
    expectEnvelope(answer, { status: 400 });
  }

  const found = await documents.findById(objectId);
  assert.equal(found.name, 'Bob');
  assert.equal(found.n, 1);
  assert.ok(!('objectId2' in found));
});

test('an operation on a document that is not there breaks nothing', async () => {
  const { objectId } = await documents.save({ name: 'no document' });

  const json = JSONUpdateBuilder.SET().addArgument('$.a', 1).create();
  const answer = await server.call('PUT', '/data/Document', { json: { objectId, json } });

  assert.ok(answer.status < 500, answer.text);
  assert.equal((await documents.findById(objectId)).name, 'no document');
});
