/* SPDX-License-Identifier: MIT */
/*
 * The schema is this list.  A row is never edited after a release of davit; a change is a
 * new row.  user_version holds how many rows have been applied.
 */
#include "store/store.h"

const char *const store_migrations[] = {
	"CREATE TABLE app("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" name TEXT NOT NULL UNIQUE CHECK(length(name) BETWEEN 1 AND 63),"
	" created_at INTEGER NOT NULL,"
	" locked INTEGER NOT NULL DEFAULT 0) STRICT;"

	/* A value of a plugin; app_id 0 is the host's own. */
	"CREATE TABLE property("
	" app_id INTEGER NOT NULL,"
	" plugin TEXT NOT NULL,"
	" key TEXT NOT NULL,"
	" value TEXT NOT NULL,"
	" PRIMARY KEY(app_id, plugin, key)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE config("
	" app_id INTEGER NOT NULL,"
	" key TEXT NOT NULL,"
	" value TEXT NOT NULL,"
	" PRIMARY KEY(app_id, key)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE domain("
	" app_id INTEGER NOT NULL,"
	" host TEXT NOT NULL,"
	" position INTEGER NOT NULL,"
	" PRIMARY KEY(app_id, host)) STRICT, WITHOUT ROWID;"
	"CREATE INDEX domain_host ON domain(host);"

	"CREATE TABLE formation("
	" app_id INTEGER NOT NULL REFERENCES app(id) ON DELETE CASCADE,"
	" process TEXT NOT NULL,"
	" quantity INTEGER NOT NULL CHECK(quantity BETWEEN 0 AND 1000),"
	" PRIMARY KEY(app_id, process)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE release("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" app_id INTEGER NOT NULL REFERENCES app(id) ON DELETE CASCADE,"
	" number INTEGER NOT NULL,"
	" created_at INTEGER NOT NULL,"
	" state TEXT NOT NULL CHECK(state IN ('new','live','past','failed')),"
	" author TEXT NOT NULL,"
	" reason TEXT NOT NULL,"
	" source TEXT NOT NULL,"
	" revision TEXT NOT NULL,"
	" image TEXT NOT NULL,"
	" config TEXT NOT NULL,"
	" formation TEXT NOT NULL,"
	" ran_release_command INTEGER NOT NULL DEFAULT 0,"
	" UNIQUE(app_id, number)) STRICT;"
	"CREATE UNIQUE INDEX release_live ON release(app_id) WHERE state = 'live';"

	"CREATE TABLE instance("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" app_id INTEGER NOT NULL REFERENCES app(id) ON DELETE CASCADE,"
	" release_id INTEGER NOT NULL REFERENCES release(id) ON DELETE CASCADE,"
	" process TEXT NOT NULL,"
	" number INTEGER NOT NULL,"
	" container TEXT NOT NULL UNIQUE,"
	" state TEXT NOT NULL CHECK(state IN ('starting','ready','draining','crashed')),"
	" address TEXT NOT NULL DEFAULT '',"
	" pid INTEGER NOT NULL DEFAULT 0,"
	" pid_started INTEGER NOT NULL DEFAULT 0,"
	" restarts INTEGER NOT NULL DEFAULT 0,"
	" exit_code INTEGER NOT NULL DEFAULT -1,"
	" exit_why TEXT NOT NULL DEFAULT '',"
	" changed_at INTEGER NOT NULL,"
	" not_before INTEGER NOT NULL DEFAULT 0) STRICT;"
	"CREATE INDEX instance_app ON instance(app_id);"

	"CREATE TABLE deploy("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" app_id INTEGER NOT NULL REFERENCES app(id) ON DELETE CASCADE,"
	" public_id TEXT NOT NULL UNIQUE,"
	" kind TEXT NOT NULL,"
	" source TEXT NOT NULL,"
	" author TEXT NOT NULL,"
	" revision TEXT NOT NULL DEFAULT '',"
	" pid INTEGER NOT NULL,"
	" pid_started INTEGER NOT NULL,"
	" started_at INTEGER NOT NULL,"
	" finished_at INTEGER NOT NULL DEFAULT 0,"
	" state TEXT NOT NULL CHECK(state IN"
	"  ('waiting','running','succeeded','failed','canceled','superseded')),"
	" step TEXT NOT NULL DEFAULT '',"
	" release_id INTEGER NOT NULL DEFAULT 0,"
	" exit_code INTEGER NOT NULL DEFAULT -1) STRICT;"
	"CREATE INDEX deploy_app ON deploy(app_id, id);"
	"CREATE INDEX deploy_open ON deploy(app_id) WHERE state IN ('waiting','running');"

	"CREATE TABLE ssh_key("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" name TEXT NOT NULL UNIQUE,"
	" fingerprint TEXT NOT NULL UNIQUE,"
	" public_key TEXT NOT NULL,"
	" options TEXT NOT NULL,"
	" role TEXT NOT NULL CHECK(role IN ('admin','member')),"
	" created_at INTEGER NOT NULL) STRICT;"

	"CREATE TABLE event("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" at INTEGER NOT NULL,"
	" app TEXT NOT NULL,"
	" actor TEXT NOT NULL,"
	" command TEXT NOT NULL,"
	" result TEXT NOT NULL,"
	" detail TEXT NOT NULL) STRICT;"
	"CREATE INDEX event_app ON event(app, id);",

	/* Fingerprint of the ssh key, or empty. */
	"ALTER TABLE event ADD COLUMN key TEXT NOT NULL DEFAULT '';",

	/* What narrows a key: read-only, only=COMMAND,..., until=DAY. */
	"ALTER TABLE ssh_key ADD COLUMN limits TEXT NOT NULL DEFAULT '';",
	/* When it last ended by itself; it runs, but its readiness check fails; how many of
	 * its processes were killed for memory while it went on. */
	"ALTER TABLE instance ADD COLUMN exited_at INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE instance ADD COLUMN unready INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE instance ADD COLUMN oom_kills INTEGER NOT NULL DEFAULT 0;",

	/* The process that is starting it. */
	"ALTER TABLE instance ADD COLUMN owner INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE instance ADD COLUMN owner_started INTEGER NOT NULL DEFAULT 0;",
};

const unsigned store_migrations_count = sizeof store_migrations /
					sizeof *store_migrations;
