'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const Backendless = require('backendless');

const {
  expectEnvelope,
  expectRefusal,
  toMany,
  toOne,
  unknownColumn,
  unknownRecord,
  unknownTable,
  useServer,
} = require('../harness');

let books;
let people;

const server = useServer({}, async (started) => {
  await started.createTable('Person', { name: 'STRING', age: 'INT' });
  await started.createTable('Book', {
    ...{ title: 'STRING', year: 'INT' },
    ...{ author: toOne('Person'), readers: toMany('Person') },
  });
  await started.addColumns('Person', { mentor: toOne('Person') });
  const client = await started.client();
  people = client.Data.of('Person');
  books = client.Data.of('Book');
  await people.bulkCreate([
    { objectId: 'ada', name: 'Ada', age: 36 },
    { objectId: 'bob', name: 'Bob', age: 10 },
    { objectId: 'eve', name: 'Eve', age: 20 },
  ]);
  await books.bulkCreate([{ objectId: '1', title: 'Notes', year: 1843 }]);
  await books.setRelation('1', 'author', ['ada']);
  await books.setRelation('1', 'readers', ['bob', 'eve']);
  await people.setRelation('ada', 'mentor', ['eve']);
});

const query = () => Backendless.DataQueryBuilder.create();

test('findById gives the whole record without its relations', async () => {
  const book = await books.findById('1');

  assert.deepEqual(
    Object.keys(book).sort(),
    ['___class', 'created', 'objectId', 'ownerId', 'title', 'updated', 'year'].sort(),
  );
  assert.equal(book.___class, 'Book');
  assert.equal(book.title, 'Notes');
});

test('an id may be a number', async () => {
  assert.equal((await books.findById(1)).title, 'Notes');
});

test('an object of primary keys finds its record', async () => {
  assert.deepEqual(await books.findById({ objectId: '1' }), await books.findById('1'));
  await expectRefusal(books.findById({ objectId: 'NO-SUCH-ID' }), { code: [1000, 1035] });
  await expectRefusal(books.findById({ title: 'Nothing' }), { code: [1000, 1035] });
  await expectRefusal(books.findById({ pages: 7 }), unknownColumn('pages', 'Book'));
});

test('an id that nobody has is refused with 1000', async () => {
  for (const id of ['NO-SUCH-ID', 'ada', "1' or '1'='1", 'a/b c%d', '%']) {
    await expectRefusal(books.findById(id), unknownRecord(id));
  }
});

test('an unknown table is refused with 1009 and is not made', async () => {
  const client = await server.client();

  await expectRefusal(client.Data.of('Nowhere').findById('1'), unknownTable('Nowhere'));

  assert.equal(await server.table('Nowhere'), undefined);
});

test('findById gives the asked columns and the id', async () => {
  const book = await books.findById('1', query().setProperties(['title', 'year as published']));

  assert.deepEqual(book, { ___class: 'Book', objectId: '1', title: 'Notes', published: 1843 });
});

test('findById leaves out what is excluded', async () => {
  const book = await books.findById('1', query().excludeProperties('title', 'year'));

  assert.deepEqual(
    Object.keys(book).sort(),
    ['___class', 'created', 'objectId', 'ownerId', 'updated'].sort(),
  );
});

test('an unknown column is refused with 1006', async () => {
  const asked = query().setProperties(['pages']);
  await expectRefusal(books.findById('1', asked), unknownColumn('pages', 'Book'));
});

test('depth one brings the relations of the record, depth two theirs', async () => {
  const one = await books.findById('1', query().setRelationsDepth(1));
  assert.equal(one.author.name, 'Ada');
  assert.equal(one.author.___class, 'Person');
  assert.ok(!('mentor' in one.author));
  assert.deepEqual(one.readers.map((person) => person.name).sort(), ['Bob', 'Eve']);

  const two = await books.findById('1', query().setRelationsDepth(2));
  assert.equal(two.author.mentor.name, 'Eve');
});

test('named relations are brought alone, whole paths too', async () => {
  const author = await books.findById('1', query().setRelated(['author']));
  assert.equal(author.author.name, 'Ada');
  assert.ok(!('readers' in author));

  const mentor = await books.findById('1', query().setRelated(['author.mentor']));
  assert.equal(mentor.author.mentor.name, 'Eve');
});

test('an empty list of relations asks for all of them', async () => {
  const book = await books.findById('1', query().setRelated([]));

  assert.equal(book.author.name, 'Ada');
  assert.equal(book.readers.length, 2);
});

test('REST takes its columns as a list or one by one', async () => {
  for (const path of ['props=title,year', 'property=title&property=year']) {
    const answer = await server.call('GET', `/data/Book/1?${path}`);
    assert.deepEqual(
      answer.body,
      { ___class: 'Book', objectId: '1', title: 'Notes', year: 1843 },
      answer.text,
    );
  }
  expectEnvelope(await server.call('GET', '/data/Book/1?props=pages'), { code: 1006 });
});
