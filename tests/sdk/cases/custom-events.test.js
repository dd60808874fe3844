'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');

const { deadToken, expectEnvelope, expectRefusal, useServer } = require('../harness');

const server = useServer({ app: true });

/** A plain dispatch, for what the SDK hides or would never send. */
const post = (name, options) => server.call('POST', `/servercode/events/${name}`, options);

/** The refusal of an event that nobody answers; the grammar is the platform's own. */
const unknownEvent = (name) => ({
  code: 3042,
  status: 400,
  message: `Custom event handler with name '${name}' does not exists`,
});

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
    ['no arguments', undefined, {}],
    ['null', null, {}],
    ['an empty object', {}, {}],
    ['an object', { a: 1, b: 'two', c: true, d: null, e: 1.5 }, { a: 1, b: 'two', c: true, d: null, e: 1.5 }],
    ['nested objects and lists', { a: { b: [{ c: [[]] }] } }, { a: { b: [{ c: [[]] }] } }],
    ['a date', { at: new Date(86_400_000) }, { at: '1970-01-02T00:00:00.000Z' }],
    ['letters of all sorts', { 'ключ "1"': 'čaj 🍵' }, { 'ключ "1"': 'čaj 🍵' }],
  ];
  for (const [kind, args, received] of sent) {
    test(`${kind} comes to the handler as it is`, async () => {
      const client = await server.client();
      assert.deepEqual(await client.Events.dispatch('allArguments', args), received);
    });
  }

  test('nothing at all is no arguments', async () => {
    const answer = await post('allArguments');
    assert.deepEqual([answer.status, answer.body], [200, {}]);
  });
});

describe('what the client hears', () => {
  const answers = [
    ['an object', { a: [1] }, { a: [1] }],
    ['an empty object', {}, {}],
    ['a text', 'yes', { result: 'yes' }],
    ['an empty text', '', { result: '' }],
    ['a number', 42.5, { result: 42.5 }],
    ['zero', 0, { result: 0 }],
    ['true', true, { result: true }],
    ['false', false, { result: false }],
    ['a list', [1, { a: 2 }], { result: [1, { a: 2 }] }],
    ['an empty list', [], { result: [] }],
    ['null', null, { result: null }],
    ['a date', new Date(0), { result: '1970-01-01T00:00:00.000Z' }],
  ];
  for (const [kind, value, heard] of answers) {
    test(`${kind} is answered as ${JSON.stringify(heard)}`, async () => {
      const client = await server.client();
      assert.deepEqual(await client.Events.dispatch('echo', { value }), heard);
    });
  }

  test('nothing is answered as {}', async () => {
    const client = await server.client();
    assert.deepEqual(await client.Events.dispatch('nothing'), {});
    assert.equal((await post('nothing', { json: {} })).text, '{}');
  });

  test('a handler chooses status and headers', async () => {
    const answer = await post('decorate', { json: {} });
    assert.equal(answer.status, 202);
    assert.equal(answer.headers.get('x-of-our-own'), 'yes');
  });
});

describe('an event that fails', () => {
  const fail = async (args) => (await server.client()).Events.dispatch('fail', args);

  test('has the code and the message of its handler, and status 400', async () => {
    const refusal = { code: 4242, message: 'not "today"' };
    await expectRefusal(fail({ how: 'refuse', ...refusal }), { ...refusal, status: 400 });
  });

  test('has the status of its handler, where it chose one', async () => {
    const refusal = { code: 7, message: 'not here', status: 409 };
    await expectRefusal(fail({ how: 'refuse', ...refusal }), refusal);
  });

  test('is 15000 when its handler takes too long', async () => {
    await expectRefusal(fail({ how: 'hang' }), { code: 15000, status: 400 });
  });

  test('tells nobody what broke', async () => {
    const answer = await post('fail', { json: { how: 'break' } });
    assert.equal(answer.status, 500);
    assert.equal(answer.body.code, 0);
    assert.doesNotMatch(answer.text, /secret/);
  });
});

describe('an event that nobody answers', () => {
  for (const name of ['customEvent', 'NOTHING', 'login', 'a b č']) {
    test(`is named in the platform's own words: ${name}`, async () => {
      const client = await server.client();
      await expectRefusal(client.Events.dispatch(name, { a: 1 }), unknownEvent(name));
    });
  }

  test('is told so to whoever does not wait, too', async () => {
    const client = await server.client();
    await expectRefusal(client.Events.dispatch('missing', {}, 'async'), unknownEvent('missing'));
  });

  test('without a name never leaves the client', async () => {
    const client = await server.client();
    await assert.rejects(client.Events.dispatch(''), /Event Name must be provided/);
  });
});

describe('arguments that do not fit', () => {
  const wrong = [
    ['one of the wrong type', { celsius: 'hot' }, /convert.*invalid type: string "hot"/],
    ['one that is missing', {}, /convert.*missing field `celsius`/],
    ['one that is misspelt', { celsius: 1, celcius: 2 }, /convert.*unknown field `celcius`/],
  ];
  for (const [kind, args, message] of wrong) {
    for (const execution of ['sync', 'async']) {
      test(`${kind} is named at once: ${execution}`, async () => {
        const client = await server.client();
        const refused = client.Events.dispatch('convert', args, execution);
        const error = await expectRefusal(refused, { code: 8008, status: 400 });
        assert.match(error.message, message);
      });
    }
  }

  for (const raw of ['[]', '[{"celsius":1}]', '"celsius"', '1', 'true', 'null', '{"celsius":', 'hot']) {
    test(`a body of ${raw} is refused`, async () => {
      expectEnvelope(await post('convert', { raw }), { status: 400 });
    });
  }

  test('a key that is given twice is refused', async () => {
    const answer = await post('convert', { raw: '{"celsius":1,"celsius":2}' });
    expectEnvelope(answer, { status: 400 });
  });
});

describe('whether the client waits', () => {
  test('it does with sync, as without', async () => {
    const client = await server.client();
    const converted = { fahrenheit: 212 };
    assert.deepEqual(await client.Events.dispatch('convert', { celsius: 100 }, 'sync'), converted);
    assert.deepEqual(await client.Events.dispatch('convert', { celsius: 100 }), converted);
    assert.deepEqual(await client.Events.dispatch('nothing', 'sync'), {});
  });

  for (const execution of ['async', 'async-low-priority']) {
    test(`it does not with ${execution}: it hears nothing, and the event runs`, async () => {
      const client = await server.client();
      const answer = await client.Events.dispatch('note', { text: execution }, execution);
      assert.equal(answer, null);
      assert.equal(await noted(execution), 1);
    });

    test(`it hears of no failure with ${execution}`, async () => {
      const client = await server.client();
      const refuse = { how: 'refuse', code: 1, message: 'no' };
      assert.equal(await client.Events.dispatch('fail', refuse, execution), null);
    });
  }

  test('another execution type is refused, and says which ones there are', async () => {
    for (const type of ['later', 'ASYNC', '', 'sync, async']) {
      const headers = { 'bl-execution-type': type };
      const answer = await post('note', { json: { text: 'never' }, headers });
      expectEnvelope(answer, { code: 8008, status: 400 });
      assert.match(answer.text, /async-low-priority/);
    }
  });

  test('an effect runs once its event has succeeded, and never if it fails', async () => {
    const client = await server.client();
    const fails = client.Events.dispatch('noteAfterwards', { text: 'failed', fails: true });
    await expectRefusal(fails, { code: 4242, status: 400 });
    assert.deepEqual(await client.Events.dispatch('noteAfterwards', { text: 'succeeded' }), {});
    assert.equal(await noted('succeeded'), 1);
    assert.equal(await notes('failed'), 0);
  });
});

describe('who may run an event', () => {
  const EVENTS = ['forAnyone', 'forUsers', 'forSupport', 'forServerCode'];

  /** Asserts which of the events a client may run; the others refuse it with 14008. */
  async function expectMay(client, may) {
    for (const name of EVENTS) {
      const run = client.Events.dispatch(name);
      if (may.includes(name)) {
        await run;
      } else {
        const error = await expectRefusal(run, { code: 14008, status: 403 });
        assert.ok(error.message.includes(name), error.message);
      }
    }
  }

  test('whoever is not logged in: those for anyone', async () => {
    await expectMay(await server.client(), ['forAnyone']);
  });

  test('a guest: those for users, too', async () => {
    const client = await server.client();
    await client.Users.loginAsGuest();
    await expectMay(client, ['forAnyone', 'forUsers']);
  });

  test('a user: the same', async () => {
    const { client } = await server.registerAndLogIn();
    await expectMay(client, ['forAnyone', 'forUsers']);
  });

  test('a user with the role: those for the role, too', async () => {
    await server.admin('POST', '/roles', { name: 'Support' });
    const { account, client } = await server.registerAndLogIn();
    const runner = await server.client({ key: 'BL' });
    await runner.Users.assignRole(account.email, 'Support');
    await expectMay(client, ['forAnyone', 'forUsers', 'forSupport']);
  });

  test('the CodeRunner key: all', async () => {
    await expectMay(await server.client({ key: 'BL' }), EVENTS);
  });

  test('an event knows its caller', async () => {
    const { client, user } = await server.registerAndLogIn();
    const caller = await client.Events.dispatch('forUsers');
    assert.deepEqual(caller, { userId: user.objectId, isServerCode: false });
    const trusted = await server.registerAndLogIn({ key: 'BL' });
    const both = await trusted.client.Events.dispatch('forServerCode');
    assert.deepEqual(both, { userId: trusted.user.objectId, isServerCode: true });
  });

  test('a dead token is refused with 3064', async () => {
    const { client, token } = await server.registerAndLogIn();
    await server.call('GET', '/users/logout', { token });
    await expectRefusal(client.Events.dispatch('forAnyone'), deadToken(token));
  });

  test('a disabled user is refused with 3090', async () => {
    const { client, user } = await server.registerAndLogIn();
    const json = { userStatus: 'DISABLED' };
    const path = `/users/${user.objectId}/status`;
    assert.equal((await server.call('PUT', path, { key: 'BL', json })).status, 200);
    await expectRefusal(client.Events.dispatch('forAnyone'), { code: 3090 });
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

  const dispatch = async (name) => (await server.client()).Events.dispatch(name);
  const denied = { code: 14008, status: 403 };

  test('takes one event away from a role', async () => {
    await saying('DENY', 'NotAuthenticatedUser', 'events:forAnyone', async () => {
      await expectRefusal(dispatch('forAnyone'), denied);
      assert.deepEqual(await dispatch('nothing'), {});
      const guest = await server.client();
      await guest.Users.loginAsGuest();
      await guest.Events.dispatch('forAnyone');
    });
    await dispatch('forAnyone');
  });

  test('takes all events away from a role, and gives one back', async () => {
    await saying('DENY', 'NotAuthenticatedUser', 'events', async () => {
      await expectRefusal(dispatch('forAnyone'), denied);
      await saying('GRANT', 'NotAuthenticatedUser', 'events:nothing', async () => {
        assert.deepEqual(await dispatch('nothing'), {});
        await expectRefusal(dispatch('forAnyone'), denied);
      });
    });
  });

  test('gives nobody what the event does not declare', async () => {
    await saying('GRANT', 'NotAuthenticatedUser', 'events:forServerCode', async () => {
      await expectRefusal(dispatch('forServerCode'), denied);
    });
  });

  test('is told to whoever does not wait, too', async () => {
    await saying('DENY', 'NotAuthenticatedUser', 'events:note', async () => {
      const client = await server.client();
      await expectRefusal(client.Events.dispatch('note', { text: 'no' }, 'async'), denied);
    });
  });
});

test('the operator sees each event with who may run it and who answers it', async () => {
  const events = await server.admin('GET', '/handlers');
  const { access, handlers } = events.find(({ event }) => event === 'forSupport');
  assert.equal(access, 'role Support');
  const [{ phase, path, file }] = handlers;
  assert.deepEqual([phase, path], ['answer', 'sdk_app::access::answer_support']);
  assert.match(file, /access\.rs$/);
  assert.equal(events.find(({ event }) => event === 'login').access, null);
});
