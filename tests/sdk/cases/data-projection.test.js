'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const Backendless = require('backendless');

const { expectRefusal, unknownColumn, useServer } = require('../harness');

const SYSTEM_KEYS = ['___class', 'created', 'objectId', 'ownerId', 'updated'];

let people;

const server = useServer({}, async (started) => {
  await started.createTable('Person', {
    ...{ name: 'STRING', age: 'INT', blocked: 'BOOLEAN', height: 'DOUBLE', born: 'DATETIME' },
  });
  const client = await started.client();
  people = client.Data.of('Person');
  const born = Date.UTC(2001, 1, 3, 4, 5, 6);
  await people.bulkCreate([
    { name: 'Bob', age: 10, blocked: true, height: 1.5, born },
    { name: 'Jack', age: 20, blocked: false, height: 1.75, born },
    { name: 'Jack', age: 30, blocked: false, height: null, born },
  ]);
});

const query = () => Backendless.DataQueryBuilder.create();
const keys = (row) => Object.keys(row).sort();

/** What a query gives, each row without the key that every one of them has. */
async function found(builder) {
  const rows = await people.find(builder);
  return rows.map(({ ___class, ...rest }) => {
    assert.equal(___class, 'Person');
    return rest;
  });
}

test('without columns a row is whole', async () => {
  const [row] = await people.find();

  assert.deepEqual(keys(row), [...SYSTEM_KEYS, 'age', 'blocked', 'born', 'height', 'name'].sort());
});

test('the asked columns come with the id', async () => {
  const [row] = await people.find(query().setProperties(['blocked']));
  assert.deepEqual(keys(row), ['___class', 'blocked', 'objectId']);

  const [two] = await people.find(query().setProperties('name').addProperty('age'));
  assert.deepEqual(keys(two), ['___class', 'age', 'name', 'objectId']);
});

test('an alias names the key, letter by letter', async () => {
  const asked = query().setProperties(['blocked as isBLOCKED', 'age AS years']).setSortBy('age');
  const [row] = await people.find(asked);

  assert.deepEqual(keys(row), ['___class', 'isBLOCKED', 'objectId', 'years']);
  assert.equal(row.isBLOCKED, true);
  assert.equal(row.years, 10);
});

test('a star and an alias give the whole row and the alias', async () => {
  const asked = query().addAllProperties().addProperty('age as Age').setSortBy('age');
  const [row] = await people.find(asked);

  assert.deepEqual(
    keys(row),
    [...SYSTEM_KEYS, 'Age', 'age', 'blocked', 'born', 'height', 'name'].sort(),
  );
  assert.equal(row.Age, 10);
});

test('what is excluded is left out', async () => {
  const asked = query().excludeProperties('name', 'age', ['blocked', 'height'], 'born');
  asked.excludeProperties('created', 'updated', 'ownerId');
  const [row] = await people.find(asked);

  assert.deepEqual(keys(row), ['___class', 'objectId']);
});

test('a function without an alias is named after itself, its column stays what it is', async () => {
  const asked = query().addAllProperties().addProperty('TIME(created)').excludeProperty('name');
  const [row] = await people.find(asked);

  assert.deepEqual(keys(row), [...SYSTEM_KEYS, 'Time', 'age', 'blocked', 'born', 'height'].sort());
  assert.equal(typeof row.Time, 'string');
  assert.ok(Number.isInteger(row.created));
});

test('distinct gives every value once and no id', async () => {
  const asked = query().setDistinct(true).setProperties('name').setSortBy('name');

  assert.deepEqual(await found(asked), [{ name: 'Bob' }, { name: 'Jack' }]);
});

test('distinct goes by what is shown, not by what is grouped by', async () => {
  const asked = query().setDistinct(true).setProperties('name').setGroupBy('objectId');

  const names = (await found(asked)).map((row) => row.name).sort();
  assert.deepEqual(names, ['Bob', 'Jack']);
});

test('an average per group', async () => {
  const asked = query().setProperties('Avg(age) as avgAge').setGroupBy('name').setSortBy('name');

  assert.deepEqual(await found(asked), [{ avgAge: 10 }, { avgAge: 25 }]);
});

test('an average of everything is one row', async () => {
  assert.deepEqual(await found(query().setProperties('Avg(age) as avgAge')), [{ avgAge: 20 }]);
});

test('groups show what they are grouped by when asked', async () => {
  const asked = query()
    .setProperties(['name', 'Count(objectId) as many', 'Max(age) as oldest'])
    .setGroupBy(['name'])
    .setSortBy('name');

  assert.deepEqual(await found(asked), [
    { name: 'Bob', many: 1, oldest: 10 },
    { name: 'Jack', many: 2, oldest: 30 },
  ]);
});

test('sum, minimum, maximum and count work and leave null out', async () => {
  const asked = query().setProperties([
    ...['Sum(age) as sum', 'Min(age) as least', 'Max(height) as most'],
    ...['Count(height) as heights', 'Count(objectId) as rows', 'Avg(height) as mean'],
  ]);

  assert.deepEqual(await found(asked), [
    { sum: 60, least: 10, most: 1.75, heights: 2, rows: 3, mean: 1.625 },
  ]);
});

test('a count without an alias is called count', async () => {
  assert.deepEqual(await found(query().setProperties('Count(objectId)')), [{ count: 3 }]);
});

test('aggregates see only what the clause lets through', async () => {
  const asked = query().setProperties('Count(objectId)').setWhereClause("name = 'Jack'");

  assert.deepEqual(await found(asked), [{ count: 2 }]);
  assert.deepEqual(await found(asked.setWhereClause("name = 'Nobody'")), [{ count: 0 }]);
});

for (const having of [
  'Avg(age) > 15',
  'avgAge > 15',
  'Count(objectId) = 2',
  "avgAge>15 and name = 'Jack'",
]) {
  test(`groups are chosen by having ${having}`, async () => {
    const asked = query().setProperties(['name', 'Avg(age) as avgAge']).setGroupBy('name');

    assert.deepEqual(await found(asked.setHavingClause(having)), [{ name: 'Jack', avgAge: 25 }]);
  });
}

test('groups can be sorted by an aggregate', async () => {
  const asked = query().setProperties(['name', 'Avg(age) as avgAge']).setGroupBy('name');

  const names = (await found(asked.setSortBy('avgAge desc'))).map((row) => row.name);
  assert.deepEqual(names, ['Jack', 'Bob']);
});

test('groups come in pages', async () => {
  const asked = query().setProperties('name').setGroupBy('name').setSortBy('name').setPageSize(1);

  assert.deepEqual(await found(asked), [{ name: 'Bob' }]);
  assert.deepEqual(await found(asked.prepareNextPage()), [{ name: 'Jack' }]);
  assert.deepEqual(await found(asked.prepareNextPage()), []);
});

test('an unknown column is told in the exact words, wherever it stands', async () => {
  const refused = unknownColumn('nothing', 'Person');
  await expectRefusal(people.find(query().setProperties('nothing')), refused);
  await expectRefusal(people.find(query().setProperties(['*', 'nothing as name'])), refused);
  await expectRefusal(people.find(query().setProperties('Max(nothing)')), refused);
  await expectRefusal(people.find(query().setProperties('name').setGroupBy('nothing')), refused);
});

test('columns that make no sense are refused', async () => {
  for (const property of [
    ...['name as', 'as name', 'Launch(age)', 'Avg(age', 'Avg()', '(select 1)', "'x'", 'name; --'],
    ...['Avg(*)', 'load_extension(name)', 'name as a b', 'name as "x"', 'Sum(Avg(age))'],
  ]) {
    await expectRefusal(people.find(query().setProperties([property])), { status: 400 });
  }
});

test('a having clause that makes no sense is refused', async () => {
  for (const having of ['Avg(age) >', 'Launch(age) > 1', 'Avg(age) > (select 1)', '1; drop']) {
    const asked = query().setProperties('name').setGroupBy('name').setHavingClause(having);
    await expectRefusal(people.find(asked), { status: 400 });
  }
});

test('the same table is still there after all of this', async () => {
  assert.equal(await people.getObjectCount(), 3);
  assert.ok(await server.table('Person'));
});
