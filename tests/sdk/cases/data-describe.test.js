'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const {
  expectEnvelope,
  expectRefusal,
  toMany,
  toOne,
  unknownTable,
  useServer,
} = require('../harness');

const KEYS = [
  ...['autoLoad', 'customRegex', 'defaultValue', 'expression', 'isPrimaryKey'],
  ...['name', 'relatedTable', 'required', 'type'],
];

let client;

const server = useServer({}, async (started) => {
  client = await started.client();
  await started.createTable('Item', { name: 'STRING' });
  await started.createTable('Order', {
    ...{ title: 'STRING', notes: 'TEXT', count: 'INT', price: 'DOUBLE' },
    ...{ paid: 'BOOLEAN', due: 'DATETIME', extra: 'JSON' },
    code: { type: 'STRING', required: true, validator: '^[A-Z]+$', default: 'NEW' },
    ...{ main: toOne('Item'), items: toMany('Item') },
  });
});

/** The description of a table, by the names of its columns. */
async function columns(table) {
  const described = await client.Data.describe(table);
  assert.ok(Array.isArray(described));
  const byName = Object.fromEntries(described.map((column) => [column.name, column]));
  assert.equal(Object.keys(byName).length, described.length, 'a column is described twice');
  return byName;
}

test('every column is described with exactly nine keys', async () => {
  for (const column of Object.values(await columns('Order'))) {
    assert.deepEqual(Object.keys(column).sort(), KEYS, column.name);
    for (const flag of ['autoLoad', 'isPrimaryKey', 'required']) {
      assert.equal(typeof column[flag], 'boolean', `${column.name}.${flag}`);
    }
  }
});

test('a table has its own columns and the system columns, and no more', async () => {
  assert.deepEqual(
    Object.keys(await columns('Order')).sort(),
    [
      ...['objectId', 'ownerId', 'created', 'updated'],
      ...['title', 'notes', 'count', 'price', 'paid', 'due', 'extra', 'code', 'main', 'items'],
    ].sort(),
  );
});

test('the types are those of the contract', async () => {
  const types = Object.fromEntries(
    Object.values(await columns('Order')).map(({ name, type }) => [name, type]),
  );

  assert.deepEqual(types, {
    ...{ objectId: 'STRING_ID', ownerId: 'STRING', created: 'DATETIME', updated: 'DATETIME' },
    ...{ title: 'STRING', notes: 'TEXT', count: 'INT', price: 'DOUBLE', paid: 'BOOLEAN' },
    ...{ due: 'DATETIME', extra: 'JSON', code: 'STRING' },
    ...{ main: 'RELATION', items: 'RELATION_LIST' },
  });
});

test('the primary key, constraints and related tables are told', async () => {
  const { objectId, title, code, main, items } = await columns('Order');

  assert.equal(objectId.isPrimaryKey, true);
  assert.equal(title.isPrimaryKey, false);
  assert.equal(title.required, false);
  assert.equal(title.defaultValue, null);
  assert.equal(title.customRegex, null);
  assert.equal(title.relatedTable, null);
  assert.equal(code.required, true);
  assert.equal(code.defaultValue, 'NEW');
  assert.equal(code.customRegex, '^[A-Z]+$');
  assert.equal(main.relatedTable, 'Item');
  assert.equal(items.relatedTable, 'Item');
});

test('columns that come with values have the types of those values', async () => {
  const saved = { i: 1, d: 1.5, b: true, s: 'text', t: 'x'.repeat(501), o: { a: 1 }, l: [1] };
  await client.Data.of('Dynamic').save(saved);

  const described = await columns('Dynamic');
  const types = Object.keys(saved).map((name) => described[name].type);
  assert.deepEqual(types, ['INT', 'DOUBLE', 'BOOLEAN', 'STRING', 'TEXT', 'JSON', 'JSON']);

  await client.Data.of('Dynamic').save({ i: 0.5 });
  assert.equal((await columns('Dynamic')).i.type, 'DOUBLE');
});

test('relations that come with their first child are described', async () => {
  const order = await client.Data.of('Basket').save({});
  const item = await client.Data.of('Item').save({ name: 'an item' });
  await client.Data.of('Basket').setRelation(order, 'goods:Item:n', [item]);

  const { goods } = await columns('Basket');
  assert.equal(goods.type, 'RELATION_LIST');
  assert.equal(goods.relatedTable, 'Item');
});

test('Users is described like any other table', async () => {
  const described = await columns('Users');

  for (const name of ['objectId', 'ownerId', 'created', 'updated', 'email', 'password', 'name']) {
    assert.deepEqual(Object.keys(described[name] ?? {}).sort(), KEYS, name);
  }
});

test('a class is described by its name', async () => {
  class Item {}

  assert.deepEqual(await client.Data.describe(Item), await client.Data.describe('Item'));
});

test('an unknown table is told in the exact words and is not made', async () => {
  await expectRefusal(client.Data.describe('Nowhere'), unknownTable('Nowhere'));
  for (const name of ['vestibule_users', 'sqlite_master', 'a b', "x'y", 'x"y', '%00', 'é']) {
    const answer = await server.call('GET', `/data/${encodeURIComponent(name)}/properties`);
    expectEnvelope(answer, { code: 1009 });
  }

  assert.equal(await server.table('Nowhere'), undefined);
});
