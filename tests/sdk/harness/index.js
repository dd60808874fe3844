'use strict';

/**
 * What the cases need to meet a server of their own. They run against the binary that
 * `VESTIBULE_BINARY` names, or `VESTIBULE_SDK_APP` where they need the server code of `tests/sdk/app`
 * (`useServer({ app: true })`). `./tests/run sdk` builds both first, and afterwards one file can be run
 * with `VESTIBULE_BINARY=target/debug/vestibule node --test tests/sdk/cases/guest.test.js`.
 */

module.exports = {
  ...require('./app'),
  ...require('./expect'),
  ...require('./http'),
  ...require('./server'),
  ...require('./waiting'),
};
