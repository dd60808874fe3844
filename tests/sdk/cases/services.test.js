'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');

const { deadToken, expectEnvelope, expectRefusal, useServer } = require('../harness');

const server = useServer({ app: true });

/** A plain call of a method, for what the SDK hides or would never send. */
const call = (method, path, options) => server.call(method, `/services${path}`, options);

/** A call of a method with a new client of the SDK. */
async function invoke(service, method, ...rest) {
  return (await server.client()).APIServices.invoke(service, method, ...rest);
}

/** How many notes there are of that text. */
async function notes(text) {
  const json = { where: `text = '${text}'` };
  return (await server.call('POST', '/data/Note/count', { json })).body;
}

/** The same as soon as there is one: nobody waits for what leaves them. */
async function noted(text) {
  for (let attempt = 0; attempt < 2000; attempt += 1) {
    const count = await notes(text);
    if (count > 0) {
      return count;
    }
  }
  throw new Error(`nobody noted ${text}`);
}

describe('what the SDK sends', () => {
  const sent = [
    ['an object', { a: 1, b: { c: [null] } }, { a: 1, b: { c: [null] } }],
    ['an empty object', {}, {}],
    ['a list', [1, 'two', [3]], [1, 'two', [3]]],
    ['an empty list', [], []],
    ['a text', 'čaj 🍵 "now"\n', 'čaj 🍵 "now"\n'],
    ['a text that looks like an object', '{"a":1}', '{"a":1}'],
    ['a text that looks like a number', '42', '42'],
    ['an empty text', '', null],
    ['nothing', undefined, null],
    ['null', null, null],
    ['false', false, null],
  ];
  for (const [kind, argument, received] of sent) {
    test(`${kind} comes to a method as ${JSON.stringify(received)}`, async () => {
      assert.deepEqual(await invoke('arguments', 'any', argument), received);
    });
  }

  for (const argument of [1, true]) {
    test(`${argument} never leaves the client`, async () => {
      await assert.rejects(invoke('arguments', 'any', argument), (error) => !error.status);
    });
  }

  test('both names of the SDK for services are one', async () => {
    const client = await server.client();
    assert.equal(await client.CustomServices.invoke('arguments', 'text', 'a'), 'a');
    assert.equal(client.CustomServices, client.APIServices);
  });

  test('a slash in front of the method, which the SDK writes twice, changes nothing', async () => {
    assert.deepEqual(await invoke('arguments', '/any', { a: 1 }), { a: 1 });
  });

  test('a text is a text to a method that wants one, whatever it looks like', async () => {
    for (const text of ['hello', '42', '[1]', '{"a":1}', 'null', ' ']) {
      assert.equal(await invoke('arguments', 'text', text), text);
    }
  });

  test('a text is JSON to a method that wants JSON', async () => {
    assert.equal(await invoke('arguments', 'sum', '[1, 2, 3]'), 6);
    assert.equal(await invoke('arguments', 'sum', [1, 2, 3]), 6);
    assert.equal(await invoke('arguments', 'greet', '{"name": "Ann"}'), 'Hello, Ann');
  });

  test('an object has the arguments by name, and what is optional may be absent or null', async () => {
    assert.equal(await invoke('arguments', 'greet', { name: 'Ann' }), 'Hello, Ann');
    assert.equal(await invoke('arguments', 'greet', { name: 'Ann', greeting: null }), 'Hello, Ann');
    assert.equal(await invoke('arguments', 'greet', { name: 'Ann', greeting: 'Hi' }), 'Hi, Ann');
  });

  test('the only argument may come without its name', async () => {
    assert.equal(await invoke('arguments', 'shout', { text: 'a' }), 'A');
    assert.equal(await invoke('arguments', 'shout', 'a'), 'A');
    assert.deepEqual(await invoke('arguments', 'mirror', { point: { x: 1, y: 2 } }), { x: -1, y: -2 });
  });

  test('nothing is answered as null', async () => {
    assert.equal(await invoke('arguments', 'doNothing'), null);
    assert.equal((await call('POST', '/arguments/doNothing')).text, 'null');
  });

  test('a method may have a longer path, and a query', async () => {
    const book = { shelf: 3, title: 'War and Peace' };
    const found = await invoke('arguments', 'shelves/3/books/War%20and%20Peace?verbose=true');
    assert.deepEqual(found, { ...book, verbose: true });
    const named = await invoke('arguments', 'shelves/3/books/War%20and%20Peace', { verbose: false });
    assert.deepEqual(named, { ...book, verbose: false });
  });

  test('headers of its own reach the method', async () => {
    const httpRequestHeaders = { 'X-Campaign': 'spring', 'user-agent': 'the cases' };
    const header = (name) => invoke('replies', 'header', { name }, { httpRequestHeaders });
    assert.equal(await header('x-campaign'), 'spring');
    assert.equal(await header('X-CAMPAIGN'), 'spring');
    assert.equal(await header('x-nothing'), null);
  });

  test('the token of the session does not', async () => {
    const { client } = await server.registerAndLogIn();
    assert.equal(await client.APIServices.invoke('replies', 'header', { name: 'user-token' }), null);
  });

  for (const [service, method] of [['', 'text'], ['arguments', '']]) {
    test(`a call without a name never leaves the client: '${service}', '${method}'`, async () => {
      await assert.rejects(invoke(service, method), /Name must be provided/);
    });
  }
});

describe('other verbs', () => {
  test('each has its method', async () => {
    const json = { shelf: 3 };
    const found = await call('GET', '/arguments/shelves/3/books/a%2Fb?verbose=false');
    assert.deepEqual(found.body, { ...json, title: 'a/b', verbose: false });
    const put = await call('PUT', '/arguments/shelves/3', { json: ['a'] });
    assert.deepEqual(put.body, { ...json, books: ['a'] });
    const patched = await call('PATCH', '/arguments/shelves/3', { json: { colour: 'red' } });
    assert.deepEqual(patched.body, { ...json, colour: 'red' });
    const removed = await call('DELETE', '/arguments/shelves/3?force=true');
    assert.deepEqual(removed.body, { ...json, force: true });
  });

  test('a HEAD is refused', async () => {
    const answer = await call('HEAD', '/arguments/shelves/3/books/a');
    assert.equal(answer.status, 405);
  });

  test('a POST is refused where it could mean several methods', async () => {
    const error = await expectRefusal(invoke('arguments', 'shelves/3'), { code: 14002, status: 400 });
    for (const verb of ['PUT', 'PATCH', 'DELETE']) {
      assert.ok(error.message.includes(verb), error.message);
    }
  });
});

describe('what the client hears', () => {
  const answers = [
    ['an object', { a: [1] }],
    ['a list', [1, { a: 2 }]],
    ['a text', 'yes'],
    ['an empty text', ''],
    ['a number', 42.5],
    ['zero', 0],
    ['true', true],
    ['false', false],
    ['null', null],
  ];
  for (const [kind, value] of answers) {
    test(`${kind} is answered as JSON`, async () => {
      const json = { kind: 'application/json', value };
      assert.deepEqual(await invoke('replies', 'typed', json), value);
      const answer = await call('POST', '/replies/typed', { json });
      assert.equal(answer.text, JSON.stringify(value));
    });
  }

  test('a text of another type is answered as it is', async () => {
    const json = { kind: 'text/csv', value: 'name,price\nplum,"1"' };
    const answer = await call('POST', '/replies/typed', { json });
    assert.equal(answer.text, json.value);
    assert.equal(answer.headers.get('content-type'), 'text/csv');
    assert.equal(await invoke('replies', 'typed', json), json.value);
  });

  test('a method chooses status, headers and cookies', async () => {
    const answer = await call('POST', '/replies/decorate');
    assert.deepEqual([answer.status, answer.text], [202, 'null']);
    assert.equal(answer.headers.get('x-of-our-own'), 'yes');
    const rest = '; Path=/; Secure; HttpOnly; SameSite=Lax';
    assert.deepEqual(answer.headers.getSetCookie(), [`flavour=plum${rest}`, `size=large${rest}`]);
  });
});

describe('a method that fails', () => {
  test('has the code and the message of its author, and status 400', async () => {
    const refusal = { code: 4242, message: 'not "today"' };
    await expectRefusal(invoke('replies', 'refuse', refusal), { ...refusal, status: 400 });
  });

  test('has the status of its author, where there is one', async () => {
    const refusal = { code: 7, message: 'not here', status: 409 };
    await expectRefusal(invoke('replies', 'refuse', refusal), refusal);
  });

  test('answers JSON whatever type it wanted to answer, and its cookies', async () => {
    const json = { code: 7, message: '<script>' };
    const answer = await call('POST', '/replies/refuse', { json });
    expectEnvelope(answer, { code: 7, status: 400, message: '<script>' });
    assert.match(answer.headers.getSetCookie()[0], /^refused=before;/);
  });

  test('is 14005 when it takes too long', async () => {
    await expectRefusal(invoke('replies', 'hang'), { code: 14005, status: 400 });
  });

  test('tells nobody what broke', async () => {
    const answer = await call('POST', '/replies/breakDown');
    assert.deepEqual([answer.status, answer.body.code], [500, 0]);
    assert.doesNotMatch(answer.text, /secret/);
  });
});

describe('what is not there', () => {
  for (const execution of ['sync', 'async']) {
    test(`a service is 14001, and those that are there are named: ${execution}`, async () => {
      const refused = invoke('Arguments', 'any', {}, execution);
      const error = await expectRefusal(refused, { code: 14001, status: 400 });
      assert.match(error.message, /'Arguments'.*arguments, /);
    });

    test(`a method is 14002, and those that are there are named: ${execution}`, async () => {
      const refused = invoke('arguments', 'Any', {}, execution);
      const error = await expectRefusal(refused, { code: 14002, status: 400 });
      assert.match(error.message, /POST \/any/);
    });
  }
});

describe('arguments that do not fit', () => {
  const wrong = [
    ['one of the wrong type', 'greet', { name: 1 }, 8008, /'name'.*'arguments'.*invalid type: integer/],
    ['one within another', 'mirror', { point: { x: 1, y: '2' } }, 8008, /point.*y.*invalid type: string/],
    ['a list of the wrong kind', 'sum', [1, 'two'], 8008, /numbers.*invalid type: string "two"/],
    ['one that is missing', 'greet', {}, 14009, /name/],
    ['all that are missing', 'greet', undefined, 14009, /name/],
    ['one that is null', 'greet', { name: null }, 14009, /name/],
    ['one that is misspelt', 'greet', { name: 'a', greting: 'b' }, 14009, /greting.*name, greeting/],
    ['a list instead of names', 'greet', ['a', 'b'], 14009, /name, greeting/],
    ['anything at all, where nothing is wanted', 'doNothing', { a: 1 }, 14009, /'a'/],
  ];
  for (const [kind, method, argument, code, message] of wrong) {
    for (const execution of ['sync', 'async']) {
      test(`${kind}: ${execution}`, async () => {
        const refused = invoke('arguments', method, argument, execution);
        const error = await expectRefusal(refused, { code, status: 400 });
        assert.match(error.message, message);
      });
    }
  }

  test('broken JSON that says that it is JSON', async () => {
    for (const raw of ['{"name":', '{"name":"a","name":"b"}', '{"name":"\\u0000"}']) {
      expectEnvelope(await call('POST', '/arguments/greet', { raw }), { status: 400 });
    }
  });

  test('a part of the path that is no number', async () => {
    const answer = await call('GET', '/arguments/shelves/three/books/a');
    expectEnvelope(answer, { code: 8008, status: 400 });
    assert.match(answer.text, /shelf/);
  });
});

describe('whether the client waits', () => {
  test('it does with sync, as without', async () => {
    assert.equal(await invoke('arguments', 'sum', [1, 2], 'sync'), 3);
    assert.equal(await invoke('arguments', 'sum', [1, 2], { executionType: 'sync' }), 3);
    assert.equal(await invoke('arguments', 'doNothing', 'sync'), null);
  });

  for (const execution of ['async', 'async-low-priority']) {
    test(`it does not with ${execution}: it hears nothing, and the method runs`, async () => {
      const text = `by a service, ${execution}`;
      assert.equal(await invoke('notes', 'take', { text }, execution), null);
      assert.equal(await noted(text), 1);
    });

    test(`it hears of no failure with ${execution}`, async () => {
      const refusal = { code: 1, message: 'no' };
      assert.equal(await invoke('replies', 'refuse', refusal, execution), null);
    });
  }

  test('another execution type is refused, and says which ones there are', async () => {
    for (const type of ['later', 'ASYNC', '', 'sync, async']) {
      const headers = { 'bl-execution-type': type };
      const answer = await call('POST', '/notes/take', { json: { text: 'never' }, headers });
      expectEnvelope(answer, { code: 8008, status: 400 });
      assert.match(answer.text, /async-low-priority/);
    }
  });
});

describe('who may call a method', () => {
  const METHODS = ['anyone', 'user', 'support', 'server'];

  /** Asserts which of the methods a client may call; the others refuse it with 14008. */
  async function expectMay(client, may) {
    for (const method of METHODS) {
      const called = client.APIServices.invoke('doors', method);
      if (may.includes(method)) {
        await called;
      } else {
        const error = await expectRefusal(called, { code: 14008, status: 403 });
        assert.ok(error.message.includes(method), error.message);
      }
    }
  }

  test('whoever is not logged in: those for anyone', async () => {
    await expectMay(await server.client(), ['anyone']);
  });

  test('a guest and a user: those for users, too', async () => {
    const guest = await server.client();
    await guest.Users.loginAsGuest();
    await expectMay(guest, ['anyone', 'user']);
    const { client } = await server.registerAndLogIn();
    await expectMay(client, ['anyone', 'user']);
  });

  test('a user with the role: those for the role, too', async () => {
    await server.admin('POST', '/roles', { name: 'Support' });
    const { account, client } = await server.registerAndLogIn();
    const runner = await server.client({ key: 'BL' });
    await runner.Users.assignRole(account.email, 'Support');
    await expectMay(client, ['anyone', 'user', 'support']);
  });

  test('the CodeRunner key: all', async () => {
    await expectMay(await server.client({ key: 'BL' }), METHODS);
  });

  test('a method knows its caller', async () => {
    const { client, user } = await server.registerAndLogIn();
    const caller = await client.APIServices.invoke('doors', 'user');
    assert.deepEqual(caller, { userId: user.objectId, isServerCode: false });
  });

  test('whoever may not call a method is not told what it takes', async () => {
    const options = { json: { nonsense: 1 } };
    expectEnvelope(await call('POST', '/doors/server', options), { code: 14008, status: 403 });
  });

  test('a dead token is refused with 3064', async () => {
    const { client, token } = await server.registerAndLogIn();
    await server.call('GET', '/users/logout', { token });
    await expectRefusal(client.APIServices.invoke('doors', 'anyone'), deadToken(token));
  });

  test('a disabled user is refused with 3090', async () => {
    const { client, user } = await server.registerAndLogIn();
    const json = { userStatus: 'DISABLED' };
    const path = `/users/${user.objectId}/status`;
    assert.equal((await server.call('PUT', path, { key: 'BL', json })).status, 200);
    await expectRefusal(client.APIServices.invoke('doors', 'anyone'), { code: 3090 });
  });
});

describe('a permission', () => {
  const say = (access, role, resource) =>
    server.admin('PUT', '/permissions', { role, resource, operation: 'EXECUTE', access });

  /** Says something while something is done, and takes it back. */
  async function saying(access, role, resource, work) {
    await say(access, role, resource);
    try {
      await work();
    } finally {
      await say('INHERIT', role, resource);
    }
  }

  const denied = { code: 14008, status: 403 };

  test('takes one service away from a role', async () => {
    await saying('DENY', 'NotAuthenticatedUser', 'services:doors', async () => {
      await expectRefusal(invoke('doors', 'anyone'), denied);
      assert.equal(await invoke('arguments', 'text', 'a'), 'a');
      const guest = await server.client();
      await guest.Users.loginAsGuest();
      await guest.APIServices.invoke('doors', 'anyone');
    });
    await invoke('doors', 'anyone');
  });

  test('takes all services away from a role, and gives one back', async () => {
    await saying('DENY', 'NotAuthenticatedUser', 'services', async () => {
      await expectRefusal(invoke('doors', 'anyone'), denied);
      await saying('GRANT', 'NotAuthenticatedUser', 'services:arguments', async () => {
        assert.equal(await invoke('arguments', 'text', 'a'), 'a');
        await expectRefusal(invoke('doors', 'anyone'), denied);
      });
    });
  });

  test('gives nobody what the method does not declare', async () => {
    await saying('GRANT', 'NotAuthenticatedUser', 'services:doors', async () => {
      await expectRefusal(invoke('doors', 'server'), denied);
    });
  });

  test('is told to whoever does not wait, too', async () => {
    await saying('DENY', 'NotAuthenticatedUser', 'services:notes', async () => {
      await expectRefusal(invoke('notes', 'take', { text: 'no' }, 'async'), denied);
    });
    assert.equal(await notes('no'), 0);
  });
});

test('the operator sees each method with how it is called and who may', async () => {
  const events = await server.admin('GET', '/handlers');
  const { handlers } = events.find(({ event }) => event === 'invokeService');
  const support = handlers.find(({ method }) => method === 'doors POST /support');
  assert.deepEqual([support.phase, support.access], ['service', 'role Support']);
  assert.equal(support.path, 'sdk_app::doors::Doors::support');
});

test('a browser may read the answer, cookies or not', async () => {
  const headers = { origin: 'https://shop.example.com' };
  const answer = await call('POST', '/replies/decorate', { headers });
  assert.equal(answer.headers.get('access-control-allow-origin'), '*');
  const preflight = await call('OPTIONS', '/replies/decorate', {
    headers: { ...headers, 'access-control-request-headers': 'x-campaign' },
  });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get('access-control-allow-headers'), 'x-campaign');
});
