'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const Backendless = require('backendless');

const { expectRefusal, toMany, unknownColumn, unknownTable, useServer } = require('../harness');

let client;
let pets;

const server = useServer({}, async (started) => {
  client = await started.client();
  await started.createTable('Toy', { name: 'STRING' });
  await started.createTable('Pet', {
    ...{ city: 'STRING', kind: 'STRING', name: 'STRING', age: 'INT', toys: toMany('Toy') },
  });
  pets = client.Data.of('Pet');
  await pets.bulkCreate([
    { city: 'Oslo', kind: 'cat', name: 'Mia', age: 1 },
    { city: 'Oslo', kind: 'cat', name: 'Tom', age: 2 },
    { city: 'Oslo', kind: 'dog', name: 'Rex', age: 3 },
    { city: 'Rome', kind: 'cat', name: 'Leo', age: 4 },
    { city: 'Rome', kind: 'cow', name: 'Bea', age: 5 },
    { city: null, kind: 'dog', name: 'Max', age: 6 },
  ]);
  const [ball] = await client.Data.of('Toy').bulkCreate([{ name: 'ball' }]);
  await pets.setRelation(await pets.findFirst({ where: "name = 'Mia'" }), 'toys', [ball]);
});

const query = (...columns) => new Backendless.Data.GroupQueryBuilder().setGroupBy(columns);

/** An answer as nested lists: `[[value, [name, ..]], ..]`. */
function tree({ items }) {
  return items.map((item) =>
    item.groupBy ? [item.groupBy.value, tree(item)] : (item.name ?? item),
  );
}

test('groups of one column hold their records', async () => {
  const answer = await pets.group(query('city').setSortBy(['city', 'name']));

  assert.deepEqual(Object.keys(answer).sort(), ['hasNextPage', 'items']);
  assert.equal(answer.hasNextPage, false);
  for (const group of answer.items) {
    assert.deepEqual(Object.keys(group).sort(), ['groupBy', 'hasNextPage', 'items']);
    assert.deepEqual(Object.keys(group.groupBy).sort(), ['column', 'value']);
    assert.equal(group.groupBy.column, 'city');
    assert.equal(group.hasNextPage, false);
    group.items.forEach((pet) => assert.equal(pet.___class, 'Pet'));
  }
  assert.deepEqual(tree(answer), [
    [null, ['Max']],
    ['Oslo', ['Mia', 'Rex', 'Tom']],
    ['Rome', ['Bea', 'Leo']],
  ]);
});

test('groups of two columns nest', async () => {
  const answer = await pets.group(query('city', 'kind').setSortBy(['city', 'kind', 'name']));

  assert.deepEqual(tree(answer), [
    [null, [['dog', ['Max']]]],
    [
      'Oslo',
      [
        ['cat', ['Mia', 'Tom']],
        ['dog', ['Rex']],
      ],
    ],
    [
      'Rome',
      [
        ['cat', ['Leo']],
        ['cow', ['Bea']],
      ],
    ],
  ]);
});

test('a clause, a sort and columns go for the records of the groups', async () => {
  const asked = query('city').setWhereClause("kind = 'cat'").setSortBy('city, name desc');
  const answer = await pets.group(asked.setProperties(['name', 'city']));

  assert.deepEqual(tree(answer), [
    ['Oslo', ['Tom', 'Mia']],
    ['Rome', ['Leo']],
  ]);
  const [first] = answer.items[0].items;
  assert.deepEqual(Object.keys(first).sort(), ['___class', 'city', 'name', 'objectId']);
});

test('a page of groups and a page of records say whether there is more', async () => {
  const asked = query('city').setSortBy(['city', 'name']);
  asked.setPageSize(2).setGroupPageSize(2).setRecordsPageSize(2);
  const answer = await pets.group(asked);

  assert.deepEqual(tree(answer), [
    [null, ['Max']],
    ['Oslo', ['Mia', 'Rex']],
  ]);
  assert.deepEqual(
    [answer.hasNextPage, ...answer.items.map((group) => group.hasNextPage)],
    [true, false, true],
  );
});

test('a path leads into one group, which comes in pages', async () => {
  const asked = query('city')
    .setGroupPath({ column: 'city', value: 'Oslo' })
    .setSortBy('name')
    .setPageSize(2)
    .setRecordsPageSize(2);

  const first = await pets.group(asked);
  assert.deepEqual(tree(first), ['Mia', 'Rex']);
  assert.equal(first.hasNextPage, true);
  const second = await pets.group(asked.prepareNextPage());
  assert.deepEqual(tree(second), ['Tom']);
  assert.equal(second.hasNextPage, false);
});

test('a path that ends before the last column gives groups', async () => {
  const asked = query('city', 'kind').setGroupPath([{ column: 'city', value: 'Rome' }]);

  assert.deepEqual(tree(await pets.group(asked.setSortBy(['kind', 'name']))), [
    ['cat', ['Leo']],
    ['cow', ['Bea']],
  ]);
});

test('a path may lead to null, and to nothing', async () => {
  const into = (value) => query('city').setGroupPath({ column: 'city', value });

  assert.deepEqual(tree(await pets.group(into(null))), ['Max']);
  assert.deepEqual(tree(await pets.group(into('Bonn'))), []);
});

test('relations come with the records of the groups', async () => {
  const asked = query('kind').setRelationsDepth(1).setWhereClause("name = 'Mia'");

  const answer = await pets.group(asked);
  assert.equal(answer.items[0].items[0].toys[0].name, 'ball');
});

test('countInGroup counts what the path leads to', async () => {
  const path = (...values) =>
    values.map((value, index) => ({ column: ['city', 'kind'][index], value }));

  assert.equal(await pets.countInGroup({ groupBy: ['city'], groupPath: path('Oslo') }), 3);
  const nested = (...values) => ({ groupBy: ['city', 'kind'], groupPath: path(...values) });
  assert.equal(await pets.countInGroup(nested('Oslo', 'cat')), 2);
  assert.equal(await pets.countInGroup(nested('Rome', 'dog')), 0);
  const old = { ...nested('Oslo', 'cat'), where: 'age > 1' };
  assert.equal(await pets.countInGroup(old), 1);
});

test('groups that make no sense are refused', async () => {
  await expectRefusal(pets.group(query('nothing')), unknownColumn('nothing', 'Pet'));
  await expectRefusal(pets.group(query('city').setWhereClause('age >')), { code: [1017, 19000] });
  await expectRefusal(client.Data.of('Nowhere').group(query('a')), unknownTable('Nowhere'));
  for (const asked of [
    {},
    { groupBy: '' },
    { groupBy: 'city', groupPath: [{ column: 'kind', value: 'cat' }] },
    { groupBy: 'city', groupPath: [{ column: 'city' }, { column: 'kind' }] },
    { groupBy: 'city', groupPath: 'city' },
    { groupBy: 'city', groupPath: [7] },
    { groupBy: 'city', groupPageSize: 101 },
    { groupBy: 'city', groupPageSize: -1 },
    { groupBy: 'city', recordsPageSize: 101 },
    { groupBy: 'city', groupDepth: -1 },
  ]) {
    await expectRefusal(pets.group(asked), { status: 400 });
  }
  assert.ok(await server.table('Pet'));
});
