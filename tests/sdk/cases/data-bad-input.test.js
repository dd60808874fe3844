'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const {
  expectEnvelope,
  expectRefusal,
  freshTable,
  toMany,
  toOne,
  useServer,
} = require('../harness');

let client;
let typed;

const server = useServer({}, async (started) => {
  client = await started.client();
  await started.createTable('Typed', {
    ...{ name: 'STRING', text: 'TEXT', count: 'INT', price: 'DOUBLE' },
    ...{ open: 'BOOLEAN', due: 'DATETIME', extra: 'JSON' },
    short: { type: 'STRING', size: 5 },
  });
  await started.addColumns('Typed', { one: toOne('Typed'), many: toMany('Typed') });
  typed = client.Data.of('Typed');
  await typed.save({ name: 'the only one' });
});

/** Everything that a refused call might have left behind. */
async function everything() {
  const tables = await server.admin('GET', '/tables');
  const own = tables.filter((table) => !table.system);
  const rows = await Promise.all(
    own.map(async ({ name }) => [name, await client.Data.of(name).find({ pageSize: 100 })]),
  );
  return { tables, rows };
}

const wrongType = (column) => ({
  code: 1007,
  status: 400,
  message:
    `Unable to save object - invalid data type for properties - ${column}. ` +
    'You can change the property type in developer console.',
});
const wrongDate = (column) => ({
  code: 8003,
  status: 400,
  message: `Invalid date format for property ${column}`,
});

for (const [column, values] of Object.entries({
  name: [7, 1.5, true, {}, [], ['a']],
  text: [7, false, {}],
  count: ['one', 'invalid number', '', true, {}, []],
  price: ['one', '', true, {}, [1]],
  open: ['invalid number', 'perhaps', 7, {}, []],
})) {
  test(`values that are none for the column ${column} are refused with 1007`, async () => {
    const before = await everything();
    const [{ objectId }] = await typed.find();

    for (const value of values) {
      await expectRefusal(typed.save({ [column]: value }), wrongType(column));
      await expectRefusal(typed.save({ objectId, [column]: value }), wrongType(column));
      await expectRefusal(typed.save({ [column]: value }, true), wrongType(column));
      await expectRefusal(typed.bulkCreate([{}, { [column]: value }]), { code: 1007 });
      await expectRefusal(typed.bulkUpdate("name != ''", { [column]: value }), { code: 1007 });
    }

    assert.deepEqual(await everything(), before);
  });
}

test('texts that are no dates are refused with 8003', async () => {
  const before = await everything();

  for (const due of ['yesterday', '', '2026-13-01', '2026-02-30T00:00:00Z', '99/99/2015']) {
    await expectRefusal(typed.save({ due }), wrongDate('due'));
  }
  for (const due of [true, {}, [], 1e300]) {
    await expectRefusal(typed.save({ due }), { code: [1007, 8003] });
  }

  assert.deepEqual(await everything(), before);
});

test('texts that are too long are refused with 8000', async () => {
  const before = await everything();

  await expectRefusal(typed.save({ short: '123456' }), { code: 8000 });
  await expectRefusal(typed.save({ name: 'x'.repeat(501) }), { code: 8000 });
  await expectRefusal(typed.bulkCreate([{ short: 'ok' }, { short: '123456' }]), { code: 8000 });

  assert.deepEqual(await everything(), before);
  const { objectId } = await typed.save({ short: '🦊🦊🦊🦊🦊' });
  await typed.remove(objectId);
});

test('NUL bytes are refused wherever a text can stand', async () => {
  const before = await everything();

  await expectRefusal(typed.save({ name: 'a\u0000b' }), { status: 400 });
  await expectRefusal(typed.save({ text: '\u0000' }), { status: 400 });
  await expectRefusal(typed.save({ 'a\u0000b': 1 }), { status: 400 });
  await expectRefusal(typed.find({ where: "name = '\u0000'" }), { status: 400 });
  await expectRefusal(typed.find({ sortBy: 'name\u0000' }), { status: 400 });
  await expectRefusal(typed.save({ objectId: 'a\u0000', name: 'x' }, true), { status: 400 });

  assert.deepEqual(await everything(), before);
});

for (const body of ['[]', '7', '"text"', 'null', 'true', '{', '{"a":}', '[{"name":"x"}]']) {
  test(`the body ${JSON.stringify(body)} is no record`, async () => {
    const before = await everything();

    for (const [method, path] of [
      ['PUT', '/data/Typed'],
      ['POST', '/data/Typed'],
      ['PUT', '/data/Typed/upsert'],
      ['PUT', '/data/Typed/deep-save'],
      ['PUT', '/data/Unheard'],
    ]) {
      expectEnvelope(await server.call(method, path, { raw: body }), { status: 400 });
    }

    assert.deepEqual(await everything(), before);
  });
}

test('ids of other types are no ids', async () => {
  const before = await everything();

  for (const objectId of [{}, [], true, { $ne: null }, 'x'.repeat(10_000)]) {
    const answer = await server.call('PUT', '/data/Typed', { json: { objectId, name: 'x' } });
    expectEnvelope(answer, { status: 400 });
  }

  assert.deepEqual(await everything(), before);
});

test('a relation is no property that a save could set', async () => {
  const [{ objectId }] = await typed.find();
  const before = await everything();

  for (const change of [{ one: { objectId } }, { many: [{ objectId }] }, { one: 'text' }]) {
    const answer = await server.call('PUT', '/data/Typed', { json: { objectId, ...change } });
    assert.ok(answer.status < 500, answer.text);
  }

  const after = await everything();
  assert.deepEqual(after.tables, before.tables);
  const found = await typed.findById(objectId, { relationsDepth: 1 });
  assert.equal(found.one, null);
  assert.deepEqual(found.many, []);
});

/** Words that clauses need for themselves; their columns can be saved and read as part of a row. */
const WORDS_OF_CLAUSES = ['Null', 'And'];
const KEYWORDS = [
  ...WORDS_OF_CLAUSES,
  ...['Select', 'From', 'Where', 'Group', 'Order', 'Table', 'Index', 'Values', 'Default'],
  ...['Primary', 'References', 'Limit', 'Union', 'Join', 'Transaction', 'Like', 'Count'],
];

test('words that mean something to SQL are tables and columns like any other', async () => {
  for (const word of KEYWORDS) {
    const store = client.Data.of(word);
    const column = word.toLowerCase();

    const saved = await store.save({ [column]: 7 });
    assert.equal(saved[column], 7, word);
    assert.equal((await store.save({ objectId: saved.objectId, [column]: 8 }))[column], 8, word);
    const asked = WORDS_OF_CLAUSES.includes(word) ? {} : { properties: [column] };
    assert.equal((await store.find(asked))[0][column], 8, word);
    await store.addRelation(saved, `inner:${word}:n`, [saved]);
    assert.equal((await store.findById(saved.objectId, { relationsDepth: 1 })).inner.length, 1);
    await store.remove(saved);
  }
});

test('words that mean nothing to clauses can stand in them as columns', async () => {
  const store = client.Data.of('Table');
  const saved = await store.save({ primary: 1, values: 2, index: 3 });

  const [found] = await store.find({ where: 'primary = 1 and values > 1 and index != 4' });

  assert.equal(found.objectId, saved.objectId);
});

const BAD_NAMES = [
  ...[
    'a b',
    'a"b',
    "a'b",
    'a`b',
    'a;b',
    'a--b',
    'a.b',
    '[a]',
    '1a',
    '_a',
    'é',
    '名',
    '🦊',
    '%',
    '*',
  ],
  ...['x'.repeat(64), 'x'.repeat(300), 'drop table Typed', 'vestibule_users', 'sqlite_master'],
];

for (const name of BAD_NAMES) {
  test(`${name.slice(0, 30)} is no name of a table and none of a column`, async () => {
    const before = await everything();
    const path = `/data/${encodeURIComponent(name)}`;
    const json = { [name]: 1 };
    const own = ['vestibule_users', 'sqlite_master'].includes(name);

    for (const [method, below] of [
      ['PUT', ''],
      ['POST', ''],
      ['PUT', '/upsert'],
    ]) {
      expectEnvelope(await server.call(method, path + below, { json: { n: 1 } }), { status: 400 });
    }
    const bulk = `/data/bulk/${encodeURIComponent(name)}`;
    expectEnvelope(await server.call('POST', bulk, { json: [{ n: 1 }] }), { status: 400 });
    expectEnvelope(await server.call('GET', path), { code: 1009 });
    expectEnvelope(await server.call('POST', `${path}/find`, { json: {} }), { code: 1009 });
    if (!own) {
      expectEnvelope(await server.call('PUT', '/data/Typed', { json }), { status: 400 });
    }

    assert.deepEqual(await everything(), before);
  });
}

test('a name of 63 letters is not too long', async () => {
  const long = 'x'.repeat(63);

  const saved = await client.Data.of(long).save({ [long]: 1 });

  assert.equal(saved[long], 1);
  assert.equal(saved.___class, long);
});

test('names that differ in case only are refused', async () => {
  const before = await everything();

  await expectRefusal(client.Data.of('TYPED').save({ n: 1 }), { code: 1161 });
  await expectRefusal(typed.save({ NAME: 'x' }), { code: 1152 });
  await expectRefusal(typed.save({ ObjectId: 'x' }), { code: 1152 });
  await expectRefusal(client.Data.of('users').save({ n: 1 }), { code: 1161 });
  await expectRefusal(client.Data.of(freshTable()).save({ twin: 1, Twin: 2 }), { code: 1152 });

  assert.deepEqual(await everything(), before);
});

test('a record cannot bring more columns with it than a table may have', async () => {
  const table = freshTable();
  const tables = (await server.admin('GET', '/tables')).length;

  const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`column${n}`, n]));
  await expectRefusal(client.Data.of(table).save(many), { code: [1149, 1151] });

  assert.equal((await server.admin('GET', '/tables')).length, tables);
});
