'use strict';
// Answers with its version.
const version = require('fs').readFileSync('VERSION', 'utf8');
const app = require('express')();
app.get('/', (request, response) => response.type('text/plain').send(version));
app.listen(process.env.PORT);
