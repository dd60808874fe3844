'use strict';

/**
 * What the cases need to meet a server of their own. They run against the binary that
 * `VESTIBULE_BINARY` names; `./tests/run sdk` builds it first, and afterwards one file can be run
 * with `VESTIBULE_BINARY=target/debug/vestibule node --test tests/sdk/cases/guest.test.js`.
 */

module.exports = {
  ...require('./app'),
  ...require('./expect'),
  ...require('./http'),
  ...require('./server'),
  ...require('./waiting'),
};
