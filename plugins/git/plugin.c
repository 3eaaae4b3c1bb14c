/* SPDX-License-Identifier: MIT */
#include "plugins/git/git.h"
#include "plugins/plugins.h"

static const struct command commands[] = {
	/* What git clients ask for.  A push may make the app, if an admin's. */
	COMMAND("git-receive-pack", ROLE_DEPLOYER, SCOPE_REPO, git_cmd_receive_pack,
		"serve git push", .usage = "'<app>'", .args = { 0, 0 },
		.needs = NEEDS_WRITE | HIDDEN),
	COMMAND("git-upload-pack", ROLE_VIEWER, SCOPE_REPO, git_cmd_upload,
		"serve git fetch and clone", .usage = "'<app>'",
		.flags = "strict timeout=", .args = { 0, 0 }, .needs = HIDDEN),
	COMMAND("git-upload-archive", ROLE_VIEWER, SCOPE_REPO, git_cmd_upload,
		"serve git archive --remote", .usage = "'<app>'", .args = { 0, 0 },
		.needs = HIDDEN),
	COMMAND("git-lfs-authenticate", ROLE_ANYONE, SCOPE_HOST, git_cmd_lfs,
		"say that there is no LFS store", .usage = "<app> <operation>",
		.args = { 0, -1 }, .needs = HIDDEN | NEEDS_NO_STORE),
	COMMAND("git-lfs-transfer", ROLE_ANYONE, SCOPE_HOST, git_cmd_lfs,
		"say that there is no LFS store", .usage = "<app> <operation>",
		.args = { 0, -1 }, .needs = HIDDEN | NEEDS_NO_STORE),
	HEAVY_COMMAND("git-hook", ROLE_DEPLOYER, SCOPE_APP, git_cmd_hook,
		      "deploy what git received; called by pre-receive", .usage = "<app>",
		      .args = { 0, 0 }, .needs = NEEDS_WRITE | HIDDEN | QUIET_EVENT,
		      .step_of = "git-receive-pack"),

	COMMAND("git:initialize", ROLE_OWNER, SCOPE_APP, git_cmd_initialize,
		"make the repository of an app where there is none", .usage = "<app>",
		.args = { 0, 0 }, .needs = NEEDS_WRITE),
	COMMAND("git:report", ROLE_VIEWER, SCOPE_APP_OR_ALL, git_cmd_report,
		"report deploy branch and commit of apps", .usage = REPORT_USAGE,
		.flags = REPORT_FLAGS, .args = { 0, 0 }),
	COMMAND("git:set", ROLE_OWNER, SCOPE_APP_OR_GLOBAL, git_cmd_set,
		"set deploy-branch, max-input-size, rev-env-var and the like",
		.usage = SETTING_USAGE, .flags = "global", .args = { 0, 2 },
		.needs = NEEDS_WRITE),
	COMMAND("git:status", ROLE_VIEWER, SCOPE_APP, git_cmd_status,
		"tell whether what serves is what was pushed", .usage = "<app>",
		.args = { 0, 0 }),
	COMMAND("git:unlock", ROLE_OWNER, SCOPE_APP, git_cmd_unlock,
		"say that no lock outlives its push", .usage = "<app> [--force]",
		.args = { 0, 0 }),
	COMMANDS_END,
};

const struct plugin plugin_git = {
	.name = "git",
	.summary = "push, fetch, and the branch that is deployed",
	.commands = commands,
	.on = {
		[TRIGGER_POST_CREATE] = git_on_post_create,
		[TRIGGER_GIT_DEPLOY_BRANCH] = git_on_git_deploy_branch,
		[TRIGGER_GIT_REVISION] = git_on_git_revision,
		[TRIGGER_GIT_HAS_CODE] = git_on_git_has_code,
	},
};
