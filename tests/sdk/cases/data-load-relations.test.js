'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const Backendless = require('backendless');

const {
  expectRefusal,
  toMany,
  toOne,
  unknownColumn,
  unknownRecord,
  unknownTable,
  useServer,
} = require('../harness');

const CHILDREN = 250;

let client;
let parents;

const server = useServer({}, async (started) => {
  client = await started.client();
  await started.createTable('Toy', { label: 'STRING' });
  await started.createTable('Child', { n: 'INT', name: 'STRING', toys: toMany('Toy') });
  await started.createTable('Parent', {
    ...{ name: 'STRING', favorite: toOne('Child'), children: toMany('Child') },
  });
  parents = client.Data.of('Parent');
  const children = client.Data.of('Child');
  await parents.bulkCreate([
    { objectId: 'many', name: 'many' },
    { objectId: 'few', name: 'few' },
    { objectId: 'none', name: 'none' },
  ]);
  const rows = Array.from({ length: CHILDREN }, (_, n) => ({
    ...{ objectId: `child-${n}`, n, name: n % 2 ? 'odd' : 'even' },
  }));
  for (let start = 0; start < CHILDREN; start += 100) {
    await children.bulkCreate(rows.slice(start, start + 100));
  }
  await client.Data.of('Toy').bulkCreate([{ objectId: 'ball', label: 'ball' }]);
  await children.setRelation('child-1', 'toys', ['ball']);
  await parents.setRelation('many', 'children', 'n >= 0');
  await parents.setRelation('few', 'children', ['child-1', 'child-2']);
  await parents.setRelation('few', 'favorite', ['child-1']);
});

const query = () => Backendless.DataQueryBuilder.create();
const relation = (name) => Backendless.LoadRelationsQueryBuilder.create().setRelationName(name);
const numbers = (rows) => rows.map((row) => row.n);

async function one(id, builder) {
  const [found] = await parents.find(builder.setWhereClause(`objectId = '${id}'`));
  return found;
}

test('without a depth, and with depth zero, there is no relation', async () => {
  for (const builder of [query(), query().setRelationsDepth(0)]) {
    const few = await one('few', builder);
    assert.ok(!('children' in few) && !('favorite' in few), JSON.stringify(few));
  }
});

test('depth one brings the children without their relations', async () => {
  const few = await one('few', query().setRelationsDepth(1));

  assert.equal(few.favorite.___class, 'Child');
  assert.equal(few.favorite.n, 1);
  assert.ok(!('toys' in few.favorite));
  assert.deepEqual(numbers(few.children).sort(), [1, 2]);
});

test('depth two brings the grandchildren', async () => {
  const few = await one('few', query().setRelationsDepth(2));

  assert.deepEqual(
    few.favorite.toys.map((toy) => [toy.___class, toy.label]),
    [['Toy', 'ball']],
  );
  assert.deepEqual(few.children.find((child) => child.n === 2).toys, []);
});

test('what is asked for and empty is an empty list, or null', async () => {
  const none = await one('none', query().setRelationsDepth(1));

  assert.deepEqual(none.children, []);
  assert.equal(none.favorite, null);
});

test('a list has ten children unless asked otherwise', async () => {
  assert.equal((await one('many', query().setRelationsDepth(1))).children.length, 10);
  for (const size of [1, 5, 20, 100]) {
    const asked = query().setRelationsDepth(1).setRelationsPageSize(size);
    assert.equal((await one('many', asked)).children.length, size);
  }
});

test('every parent of a page has a page of its own', async () => {
  const found = await parents.find(query().setRelated('children').setSortBy('name'));

  assert.deepEqual(
    found.map((parent) => [parent.name, parent.children.length]),
    [
      ['few', 2],
      ['many', 10],
      ['none', 0],
    ],
  );
});

test('named relations come alone, and a path brings what stands on it', async () => {
  const named = await one('few', query().setRelated(['favorite']));
  assert.equal(named.favorite.n, 1);
  assert.ok(!('children' in named));

  const path = await one('few', query().setRelated(['children.toys', 'favorite']));
  assert.equal(path.children.find((child) => child.n === 1).toys[0].label, 'ball');
  assert.ok(!('toys' in path.favorite));
});

test('relations come beside the columns that were asked for', async () => {
  const few = await one('few', query().setProperties('name').setRelated('favorite'));

  assert.deepEqual(Object.keys(few).sort(), ['___class', 'favorite', 'name', 'objectId']);
});

test('all children can be read page by page', async () => {
  const asked = relation('children').setSortBy('n').setPageSize(100);
  const found = [];
  for (let page = 0; page < 4; page += 1) {
    found.push(...(await parents.loadRelations('many', asked)));
    asked.prepareNextPage();
  }

  assert.deepEqual(
    numbers(found),
    Array.from({ length: CHILDREN }, (_, n) => n),
  );
});

test('loadRelations gives pages of ten of whole records', async () => {
  const found = await parents.loadRelations('many', relation('children'));

  assert.equal(found.length, 10);
  found.forEach((child) => assert.equal(child.___class, 'Child'));
  assert.deepEqual(
    Object.keys(found[0]).sort(),
    ['___class', 'created', 'n', 'name', 'objectId', 'ownerId', 'updated'].sort(),
  );
});

test('loadRelations takes a clause, a sort, columns and a page', async () => {
  const asked = relation('children').setWhereClause("name = 'odd' and n > 10").setSortBy('n desc');
  asked.setPageSize(3).setOffset(1).setProperties(['n']);

  const found = await parents.loadRelations({ objectId: 'many' }, asked);

  assert.deepEqual(numbers(found), [247, 245, 243]);
  assert.deepEqual(Object.keys(found[0]).sort(), ['___class', 'n', 'objectId']);
});

test('loadRelations gives a list for a single relation, too', async () => {
  assert.deepEqual(numbers(await parents.loadRelations('few', relation('favorite'))), [1]);
  assert.deepEqual(await parents.loadRelations('none', relation('favorite')), []);
  assert.deepEqual(await parents.loadRelations('none', relation('children')), []);
});

test('loadRelations makes instances of the class that it is given', async () => {
  class Child {}
  const asked = Backendless.LoadRelationsQueryBuilder.of(Child).setRelationName('favorite');

  const [child] = await parents.loadRelations('few', asked);

  assert.ok(child instanceof Child);
});

test('loadRelations of what is not there is refused', async () => {
  const load = (id, name) => parents.loadRelations(id, relation(name));

  await expectRefusal(load('few', 'nothing'), { code: 1127 });
  await expectRefusal(load('few', 'name'), { code: 1127 });
  await expectRefusal(load('NO-SUCH-ID', 'children'), unknownRecord('NO-SUCH-ID'));
  const nowhere = client.Data.of('Nowhere');
  await expectRefusal(nowhere.loadRelations('1', relation('a')), unknownTable('Nowhere'));
  const clause = relation('children').setWhereClause('nothing = 1');
  await expectRefusal(parents.loadRelations('few', clause), unknownColumn('nothing', 'Child'));
  const page = relation('children').setPageSize(101);
  await expectRefusal(parents.loadRelations('few', page), { code: 1025 });
});

test('a find with a relation that is not there is refused', async () => {
  for (const related of ['nothing', 'name', 'children.nothing', 'children..toys', '.', 'a b']) {
    await expectRefusal(parents.find(query().setRelated(related)), { status: 400 });
  }
});

test('a record that is related to itself ends with the depth', async () => {
  await server.createTable('Node', { name: 'STRING' });
  await server.addColumns('Node', { next: toOne('Node'), all: toMany('Node') });
  const nodes = client.Data.of('Node');
  const node = await nodes.save({ name: 'itself' });
  await nodes.setRelation(node, 'next', [node]);
  await nodes.setRelation(node, 'all', [node]);

  const found = await nodes.findById(node.objectId, query().setRelationsDepth(2));

  assert.equal(found.next.next.name, 'itself');
  assert.equal(found.all[0].all[0].name, 'itself');
  assert.ok(!('next' in found.next.next));
  assert.equal(await nodes.getObjectCount("next.next.next.name = 'itself'"), 1);
});
