'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');

const { expectEnvelope, useServer } = require('../harness');

const server = useServer({ app: true });

const TAKE_NOTE = 'sdk_app::timers::take_note';
const FAIL = 'sdk_app::timers::fail';
const NEVER_END = 'sdk_app::timers::never_end';

/** One timer as the operator sees it. */
async function timer(path) {
  return (await server.admin('GET', '/timers')).find((one) => one.path === path);
}

const run = (path, json) => server.askAdmin('POST', `/timers/${path}/run`, json);
const change = (path, json) => server.askAdmin('PATCH', `/timers/${path}`, json);

/** Runs a timer and waits for the end of it; other calls pass the time. */
async function ran(path) {
  const before = await timer(path);
  const begun = await run(path);
  assert.equal(begun.status, 200, begun.text);
  for (let attempt = 0; attempt < 5000; attempt += 1) {
    const now = await timer(path);
    if (now.runs > before.runs) {
      return now;
    }
  }
  throw new Error(`the run of ${path} never ended:\n${server.output}`);
}

/** How many notes there are of that text. */
async function notes(text) {
  const json = { where: `text = '${text}'` };
  return (await server.call('POST', '/data/Note/count', { json })).body;
}

describe('the list of timers', () => {
  test('says when each runs', async () => {
    const timers = await server.admin('GET', '/timers');
    const ours = timers.filter(({ crate }) => crate === 'sdk_app');
    const schedules = ours.map(({ path, schedule }) => [path, schedule]);
    assert.deepEqual(schedules, [
      [FAIL, 'cron 0 3 29 2 * Europe/Berlin'],
      [NEVER_END, 'once 2999-12-31T22:00:00Z'],
      [TAKE_NOTE, 'every 365d'],
    ]);
  });

  test('says what becomes of ticks, and where the timer stands', async () => {
    const { crate, overlap, missed, jitter, timeout, file, line } = await timer(TAKE_NOTE);
    assert.deepEqual(
      { crate, overlap, missed, jitter, timeout },
      { crate: 'sdk_app', overlap: 'wait', missed: 'skip', jitter: 60_000, timeout: 60_000 },
    );
    assert.match(file, /timers\.rs$/);
    assert.ok(line > 1);
    assert.equal((await timer(NEVER_END)).timeout, 1000);
  });

  test('says when each is due', async () => {
    const year = 365 * 86_400_000;
    const { due } = await timer(TAKE_NOTE);
    assert.ok(Math.abs(due - Date.now() - year) < 120_000, `not in a year: ${due}`);
    assert.equal((await timer(NEVER_END)).due, Date.parse('2999-12-31T22:00:00Z'));
    const leapDay = new Date((await timer(FAIL)).due);
    assert.deepEqual([leapDay.getUTCMonth(), leapDay.getUTCDate(), leapDay.getUTCHours()], [1, 29, 2]);
  });
});

describe('a run by hand', () => {
  test('does what the timer does, and leaves its ticks as they are', async () => {
    const { due } = await timer(TAKE_NOTE);
    const before = await notes('run by hand');
    const after = await ran(TAKE_NOTE);
    assert.equal(after.due, due);
    assert.equal(after.running, null);
    assert.equal(after.lastRun.error, null);
    assert.ok(after.lastRun.began <= after.lastRun.ended);
    assert.equal(await notes('run by hand'), before + 1);
    assert.equal(await notes('run by its tick'), 0);
  });

  test('that fails says why', async () => {
    const before = await timer(FAIL);
    const after = await ran(FAIL);
    assert.equal(after.failures, before.failures + 1);
    assert.match(after.lastRun.error, /told to fail/);
  });

  test('ends when its time is over, and is the only one until then', async () => {
    const begun = await run(NEVER_END);
    assert.equal(begun.status, 200, begun.text);
    assert.ok(begun.body.running.until > begun.body.running.since);
    const second = await run(NEVER_END);
    expectEnvelope(second, { code: 8008, status: 400 });
    assert.match(second.text, /never_end/);
    while ((await timer(NEVER_END)).running) {
      await server.send('GET', '/healthz');
    }
    const { runs, failures, lastRun } = await timer(NEVER_END);
    assert.deepEqual([runs, failures], [1, 1]);
    assert.match(lastRun.error, /1s/);
  });
});

describe('a timer that is switched off', () => {
  test('stays so after a restart, and still runs by hand', async () => {
    assert.equal((await change(TAKE_NOTE, { enabled: false })).body.enabled, false);
    await server.restart();
    assert.equal((await timer(TAKE_NOTE)).enabled, false);
    const before = await notes('run by hand');
    await ran(TAKE_NOTE);
    assert.equal(await notes('run by hand'), before + 1);
    const { enabled, due } = (await change(TAKE_NOTE, { enabled: true })).body;
    assert.equal(enabled, true);
    assert.ok(due > Date.now());
  });
});

describe('bad input', () => {
  const wrong = [
    ['no change', {}, /enabled/],
    ['a text', { enabled: 'false' }, /enabled/],
    ['null', { enabled: null }, /enabled/],
    ['an unknown key', { enabled: false, schedule: 'every 1s' }, /schedule/],
  ];
  for (const [kind, json, message] of wrong) {
    test(`${kind} is refused, and nothing changes`, async () => {
      const answer = await change(FAIL, json);
      expectEnvelope(answer, { code: 8008, status: 400 });
      assert.match(answer.body.message, message);
      assert.equal((await timer(FAIL)).enabled, true);
    });
  }

  test('a timer that is not there is named', async () => {
    for (const answer of [await change('no::timer', { enabled: false }), await run('no::timer')]) {
      expectEnvelope(answer, { code: 8008, status: 400 });
      assert.match(answer.text, /no::timer/);
    }
  });

  test('a run takes no arguments', async () => {
    const { runs } = await timer(FAIL);
    expectEnvelope(await run(FAIL, { missed: 1 }), { code: 8008, status: 400 });
    assert.equal((await timer(FAIL)).runs, runs);
  });

  test('nobody but the operator sees or runs a timer', async () => {
    const ask = (method, path, options) => server.send(method, `/admin/api/timers${path}`, options);
    const json = { enabled: false };
    for (const answer of [
      await ask('GET', ''),
      await ask('PATCH', `/${FAIL}`, { json }),
      await ask('POST', `/${FAIL}/run`, { token: 'x' }),
    ]) {
      expectEnvelope(answer, { code: 2000, status: 401 });
    }
    assert.equal((await timer(FAIL)).enabled, true);
  });
});

test('changes and runs leave audit records', async () => {
  await ran(FAIL);
  await change(FAIL, { enabled: false });
  await change(FAIL, { enabled: true });
  const audit = JSON.stringify(await server.admin('GET', '/audit'));
  for (const action of ['runTimer', 'disableTimer', 'enableTimer']) {
    assert.ok(audit.includes(action), audit);
  }
});

test('a timer is no event that a client can run', async () => {
  const answer = await server.call('POST', '/servercode/events/runTimer', { key: 'BL', json: {} });
  expectEnvelope(answer, { code: 3042, status: 400 });
});
