'use strict';

const assert = require('node:assert/strict');

/** Asserts that a plain HTTP answer is a refusal in the envelope: never a 5xx, never bare text. */
function expectEnvelope(answer, { code, status, message } = {}) {
  const seen = `${answer.status} ${String(answer.text).slice(0, 300)}`;
  assert.ok(answer.status >= 400 && answer.status < 500, `expected a 4xx, got ${seen}`);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/, seen);
  assert.equal(typeof answer.body, 'object', seen);
  assert.ok(Number.isInteger(answer.body.code), `code must be a number: ${seen}`);
  assert.equal(typeof answer.body.message, 'string', seen);
  assert.notEqual(answer.body.message.trim(), '', `message must say something: ${seen}`);
  const known = ['code', 'errorData', 'message'];
  assert.deepEqual(
    Object.keys(answer.body).filter((key) => !known.includes(key)),
    [],
    seen,
  );
  if (code !== undefined) {
    assert.ok([code].flat().includes(answer.body.code), `expected code ${code}, got ${seen}`);
  }
  if (status !== undefined) {
    assert.equal(answer.status, status, seen);
  }
  if (message !== undefined) {
    assert.equal(answer.body.message, message);
  }
}

/** Asserts that a call of the SDK is refused by the server; answers the SDK's error. */
async function expectRefusal(promise, { code, status, message }) {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error) => ({ error }),
  );
  const { error } = outcome;
  assert.ok(error, `expected a refusal, got ${JSON.stringify(outcome.value)}`);
  assert.equal(typeof error.status, 'number', `not a refusal by the server: ${error.stack}`);
  const { code: actual, message: text } = error;
  expectEnvelope(
    {
      status: error.status,
      headers: new Headers({ 'content-type': error.headers['content-type'] ?? '' }),
      text: JSON.stringify(error.body),
      body: error.body,
    },
    { code, status, message },
  );
  assert.equal(actual, error.body.code);
  assert.equal(text, error.body.message);
  return error;
}

/** The refusal of a token that is not, or no longer, alive; its text repeats at most 64 characters. */
function deadToken(token) {
  const echo = token.replace(/[^A-Za-z0-9._-]/g, '').slice(0, 64);
  return {
    code: 3064,
    status: 401,
    message: `Not existing user token - ${echo}. Relogin user to update your user token`,
  };
}

/** The refusal of a table that does not exist; its text is wrapped twice. */
function unknownTable(table) {
  const inner =
    `Table not found by name '${table}'. Make sure the client class referenced in the API call ` +
    'has the same literal name as the table in Backendless console';
  return { code: 1009, status: 400, message: `Table not found by name '${inner}'` };
}

/** The refusal of a column that does not exist, or that nobody may read. */
function unknownColumn(column, table) {
  return {
    code: 1006,
    status: 400,
    message: `Column '${column}' does not exist in table '${table}'`,
  };
}

/** The refusal of an id that no record has. */
function unknownRecord(id) {
  return { code: 1000, status: 400, message: `Entity with ID ${id} not found` };
}

/** Asserts that a value is a time as the wire writes it: whole milliseconds, about now. */
function expectRecent(milliseconds) {
  assert.ok(Number.isInteger(milliseconds), `not whole milliseconds: ${milliseconds}`);
  assert.ok(Math.abs(Date.now() - milliseconds) < 120_000, `not about now: ${milliseconds}`);
}

module.exports = {
  deadToken,
  expectEnvelope,
  expectRecent,
  expectRefusal,
  unknownColumn,
  unknownRecord,
  unknownTable,
};
