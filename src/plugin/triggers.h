/* SPDX-License-Identifier: MIT */
/*
 * Every trigger once: C name, name on disk, how answers combine, words, when it fires.
 * The enum, the name table and davit-plugin(7) are made from these rows.
 */
#ifndef DAVIT_PLUGIN_TRIGGERS_H
#define DAVIT_PLUGIN_TRIGGERS_H

/* clang-format off */
#define TRIGGERS(ROW) \
	/* an app's life */ \
	ROW(POST_CREATE, "post-create", EACH, "APP", "the app was created") \
	ROW(PRE_DELETE, "pre-delete", EACH, "APP TAG", "before an app is destroyed; a refusal keeps it") \
	ROW(POST_DELETE, "post-delete", EACH, "APP TAG", "the app is gone; remove what you kept for it") \
	ROW(POST_APP_RENAME_SETUP, "post-app-rename-setup", EACH, "OLD NEW", "move what you keep under the app's name") \
	ROW(POST_APP_RENAME, "post-app-rename", EACH, "OLD NEW", "the app answers to its new name") \
	ROW(POST_APP_CLONE_SETUP, "post-app-clone-setup", EACH, "OLD NEW", "copy what you keep for the app") \
	ROW(POST_APP_CLONE, "post-app-clone", EACH, "OLD NEW", "the clone exists") \
	ROW(APP_CREATE, "app-create", EACH, "APP", "create an app") \
	ROW(APP_DESTROY, "app-destroy", EACH, "APP", "destroy an app") \
	ROW(APP_EXISTS, "app-exists", EACH, "APP", "is there such an app?") \
	ROW(APP_LIST, "app-list", TEXT, "[FILTER]", "names of apps, one per line") \
	ROW(APP_MAYBE_CREATE, "app-maybe-create", EACH, "APP", "create the app unless that is disabled") \
	ROW(APP_RESTART, "app-restart", EACH, "APP", "restart a deployed app") \
	ROW(APP_URLS, "app-urls", TEXT, "APP url|urls", "replaces the URLs shown for an app") \
	ROW(REPORT, "report", EACH, "APP", "print a report of your own") \
	/* rights, git */ \
	ROW(USER_AUTH, "user-auth", EACH, "SSH_USER SSH_NAME COMMAND ARGS...", "may this caller run this?") \
	ROW(USER_AUTH_APP, "user-auth-app", TEXT, "SSH_USER SSH_NAME APP...", "which of these apps may this caller see?") \
	ROW(RECEIVE_APP, "receive-app", EACH, "APP [REV]", "build and deploy a revision") \
	ROW(RECEIVE_BRANCH, "receive-branch", EACH, "APP REV REF", "a branch that is not deployed was pushed") \
	ROW(GIT_PRE_PULL, "git-pre-pull", EACH, "APP", "before a fetch is served") \
	ROW(GIT_POST_PULL, "git-post-pull", EACH, "APP", "after a fetch was served") \
	ROW(GIT_DEPLOY_BRANCH, "git-deploy-branch", FIRST_LINE, "APP", "the branch that is deployed") \
	ROW(GIT_REVISION, "git-revision", FIRST_LINE, "APP", "commit of the deploy branch") \
	ROW(GIT_HAS_CODE, "git-has-code", EACH, "APP [BRANCH]", "does the branch hold a commit?") \
	ROW(GIT_FROM_ARCHIVE, "git-from-archive", EACH, "APP URL|-- TYPE [NAME EMAIL]", "deploy the files of an archive; -- is stdin") \
	ROW(GIT_FROM_DIRECTORY, "git-from-directory", EACH, "APP DIR [NAME EMAIL]", "deploy the files below a directory") \
	ROW(POST_REGISTRY_LOGIN, "post-registry-login", EACH, "SERVER USER", "a password for a registry is kept; DOCKER_REGISTRY_PASS holds it") \
	ROW(GIT_FROM_IMAGE, "git-from-image", EACH, "APP IMAGE [BUILD_DIR [NAME EMAIL]]", "deploy an image of a registry") \
	ROW(GIT_GET_PROPERTY, "git-get-property", FIRST_LINE, "APP KEY", "a property of git's") \
	ROW(DEPLOY_SOURCE_SET, "deploy-source-set", EACH, "APP TYPE METADATA", "where the deployed code came from") \
	/* build */ \
	ROW(CORE_POST_EXTRACT, "core-post-extract", EACH, "APP DIR REV", "the sources are unpacked; core plugins read them") \
	ROW(POST_EXTRACT, "post-extract", EACH, "APP DIR REV", "the sources may be edited before a builder is chosen") \
	ROW(BUILDER_GET_PROPERTY, "builder-get-property", FIRST_LINE, "APP KEY", "a property of the builder") \
	ROW(BUILDER_DETECT, "builder-detect", FIRST_LINE, "APP DIR", "who can build this tree?") \
	ROW(BUILDER_SET_PROPERTY, "builder-set-property", EACH, "APP KEY VALUE", "set a property of the builder") \
	ROW(PRE_RECEIVE_APP, "pre-receive-app", EACH, "APP BUILDER DIR REV", "last word before the build") \
	ROW(PRE_BUILD, "pre-build", EACH, "BUILDER APP DIR", "before the build; a refusal fails it") \
	ROW(PRE_BUILD_BUILDPACK, "pre-build-buildpack", EACH, "APP DIR", "old name of pre-build, for buildpacks") \
	ROW(BUILDER_BUILD, "builder-build", FIRST, "BUILDER APP DIR", "turn the tree into an image") \
	ROW(POST_BUILD_BUILDPACK, "post-build-buildpack", EACH, "APP DIR", "old name of post-build, for buildpacks") \
	ROW(POST_BUILD, "post-build", EACH, "BUILDER APP DIR", "the image is built") \
	ROW(BUILDER_RELEASE, "builder-release", EACH, "BUILDER APP TAG", "the image becomes a release") \
	ROW(PRE_RELEASE_BUILDPACK, "pre-release-buildpack", EACH, "APP TAG", "old name of pre-release-builder, for buildpacks") \
	ROW(PRE_RELEASE_BUILDER, "pre-release-builder", EACH, "BUILDER APP IMAGE", "before the release; predeploy runs here") \
	ROW(POST_RELEASE_BUILDER, "post-release-builder", EACH, "BUILDER APP IMAGE", "the release is made; its release command runs here") \
	ROW(PRE_DEPLOY, "pre-deploy", EACH, "APP TAG", "old name for a moment before the rollout") \
	ROW(APP_JSON_GET_CONTENT, "app-json-get-content", TEXT, "APP", "the app.json in effect, {} without one") \
	ROW(APP_JSON_IS_VALID, "app-json-is-valid", EACH, "APP FILE", "is this app.json fit to be deployed? a refusal fails the build") \
	ROW(APP_JSON_PARALLELISM, "app-json-process-deploy-parallelism", FIRST_LINE, "APP PROC", "how many instances start at once") \
	ROW(BUILDER_IMAGE_IS_HEROKUISH, "builder-image-is-herokuish", FIRST_LINE, "APP IMAGE", "true where buildpacks made what serves") \
	ROW(POST_STACK_SET, "post-stack-set", EACH, "APP STACK", "another stack is asked for") \
	/* release and rollout */ \
	ROW(SCHEDULER_DETECT, "scheduler-detect", FIRST_LINE, "APP|--global", "who runs the app's processes: docker-local") \
	ROW(SCHEDULER_APP_STATUS, "scheduler-app-status", FIRST_LINE, "SCHEDULER APP", "COUNT true|false|mixed") \
	ROW(SCHEDULER_USES_HOST_CRON, "scheduler-uses-host-cron", FIRST_LINE, "SCHEDULER", "true or false") \
	ROW(SCHEDULER_CRON_WRITE, "scheduler-cron-write", EACH, "[SCHEDULER APP]", "the tasks of an app, or of all, have changed; the crontab is written") \
	ROW(CRON_ENTRIES, "cron-entries", TEXT, "SCHEDULER", "tasks of your own: SCHEDULE;COMMAND[;LOGFILE] lines") \
	ROW(CRON_WRITE, "cron-write", EACH, "", "old name of scheduler-cron-write") \
	ROW(SCHEDULER_PRE_RESTORE, "scheduler-pre-restore", EACH, "SCHEDULER APP", "before an app comes back after a boot") \
	ROW(SCHEDULER_POST_DELETE, "scheduler-post-delete", EACH, "SCHEDULER APP TAG", "the app is stopped for good") \
	ROW(SCHEDULER_POST_RUN, "scheduler-post-run", EACH, "SCHEDULER APP ID STATUS", "a one-off command has ended") \
	ROW(RETIRE_CONTAINER_FAILED, "retire-container-failed", EACH, "APP ID", "a replaced instance could not be stopped") \
	ROW(RELEASE_AND_DEPLOY, "release-and-deploy", EACH, "APP [TAG] [SOURCE]", "make a release of what is built and roll it out") \
	ROW(DEPLOY, "deploy", EACH, "APP [TAG] [PROC]", "roll the live release out again") \
	ROW(SCHEDULER_DEPLOY, "scheduler-deploy", EACH, "SCHEDULER APP TAG PROC", "start the instances of a release") \
	ROW(SCHEDULER_STOP, "scheduler-stop", EACH, "SCHEDULER APP [REMOVE]", "stop every instance") \
	ROW(SCHEDULER_IS_DEPLOYED, "scheduler-is-deployed", EACH, "SCHEDULER APP", "is there a live release?") \
	ROW(SCHEDULER_POST_DEPLOY_PROCESS, "scheduler-post-deploy-process", EACH, "APP PROC", "all instances of a process type are up") \
	ROW(CHECK_DEPLOY, "check-deploy", EACH, "APP ID PROC PORT IP [INDEX]", "is this new instance fit to serve?") \
	ROW(CORE_POST_DEPLOY, "core-post-deploy", EACH, "APP PORT IP TAG", "the new release serves; core plugins follow") \
	ROW(POST_DEPLOY, "post-deploy", EACH, "APP PORT IP TAG", "the new release serves") \
	ROW(DOCKER_ARGS_BUILD, "docker-args-build", TEXT, "APP BUILDER", "options for build containers") \
	ROW(DOCKER_ARGS_DEPLOY, "docker-args-deploy", TEXT, "APP TAG [PROC INDEX]", "options for instances") \
	ROW(DOCKER_ARGS_RUN, "docker-args-run", TEXT, "APP TAG", "options for one-off containers") \
	ROW(DOCKER_ARGS_PROCESS_BUILD, "docker-args-process-build", TEXT, "APP BUILDER", "limits of build containers") \
	ROW(DOCKER_ARGS_PROCESS_DEPLOY, "docker-args-process-deploy", TEXT, "APP BUILDER TAG [PROC INDEX]", "limits of instances") \
	ROW(DOCKER_ARGS_PROCESS_RUN, "docker-args-process-run", TEXT, "APP BUILDER TAG", "limits of one-off containers") \
	ROW(POST_CONTAINER_CREATE, "post-container-create", EACH, "TYPE ID APP PHASE [PROC]", "a container is about to start") \
	ROW(PRE_START, "pre-start", EACH, "APP", "before ps:start") \
	ROW(POST_STOP, "post-stop", EACH, "APP", "after ps:stop") \
	ROW(PRE_RESTORE, "pre-restore", EACH, "", "before apps come back after a boot") \
	ROW(PROCFILE_EXISTS, "procfile-exists", EACH, "APP", "has the app process types of its own?") \
	ROW(PROCFILE_GET_COMMAND, "procfile-get-command", FIRST_LINE, "APP PROC PORT", "the command of a process type") \
	ROW(PS_CURRENT_SCALE, "ps-current-scale", TEXT, "APP", "PROC=N lines") \
	ROW(PS_SET_SCALE, "ps-set-scale", EACH, "APP SKIP_DEPLOY CLEAR PROC=N...", "set the formation") \
	ROW(PS_CAN_SCALE, "ps-can-scale", EACH, "APP true|false", "may ps:scale change the formation?") \
	/* config, domains, ports, proxy */ \
	ROW(CONFIG_GET, "config-get", TEXT, "APP KEY", "value of a variable") \
	ROW(CONFIG_GET_GLOBAL, "config-get-global", TEXT, "KEY", "value of a host-wide variable") \
	ROW(CONFIG_SET, "config-set", EACH, "[--no-restart] APP KEY=VALUE...", "set variables") \
	ROW(CONFIG_UNSET, "config-unset", EACH, "APP KEY RESTART", "unset a variable") \
	ROW(CONFIG_EXPORT, "config-export", TEXT, "APP GLOBAL MERGED FORMAT", "all variables") \
	ROW(POST_CONFIG_UPDATE, "post-config-update", EACH, "APP set|unset|clear KEY...", "variables have changed") \
	ROW(DOMAINS_ADD, "domains-add", EACH, "APP DOMAIN", "add a domain") \
	ROW(DOMAINS_ENABLE, "domains-enable", EACH, "APP RESTART", "let the app answer to names") \
	ROW(DOMAINS_DISABLE, "domains-disable", EACH, "APP RESTART", "let the app answer to no name") \
	ROW(PRE_ENABLE_VHOST, "pre-enable-vhost", EACH, "APP", "before the app answers to names; a refusal stops it") \
	ROW(PRE_DISABLE_VHOST, "pre-disable-vhost", EACH, "APP", "before the app answers to no name") \
	ROW(DOMAINS_LIST, "domains-list", TEXT, "APP", "the app's domains, one per line") \
	ROW(DOMAINS_URLS, "domains-urls", TEXT, "APP url|urls", "the app's URLs") \
	ROW(DOMAINS_VHOST_ENABLED, "domains-vhost-enabled", EACH, "APP", "does the app answer to names?") \
	ROW(POST_DOMAINS_UPDATE, "post-domains-update", EACH, "APP [ACTION DOMAIN...]", "domains have changed") \
	ROW(NGINX_HOSTNAME, "nginx-hostname", FIRST_LINE, "APP SUBDOMAIN VHOST", "replaces a default domain") \
	ROW(PORTS_GET, "ports-get", TEXT, "APP [json]", "SCHEME:HOST:CONTAINER lines in effect") \
	ROW(PORTS_GET_AVAILABLE, "ports-get-available", FIRST_LINE, "APP", "a free port above 1024") \
	ROW(PORTS_SET_DETECTED, "ports-set-detected", EACH, "APP MAP...", "ports that the build found") \
	ROW(PORTS_CLEAR, "ports-clear", EACH, "APP", "forget the configured port mappings") \
	ROW(PORTS_CONFIGURE, "ports-configure", EACH, "APP", "make sure that the app has ports; it always has") \
	ROW(PORTS_GET_PROPERTY, "ports-get-property", FIRST_LINE, "APP KEY", "proxy-port or proxy-ssl-port") \
	ROW(POST_PROXY_PORTS_UPDATE, "post-proxy-ports-update", EACH, "APP ACTION", "port mappings have changed") \
	ROW(CERTS_EXISTS, "certs-exists", FIRST_LINE, "APP", "true or false") \
	ROW(CERTS_GET, "certs-get", TEXT, "APP crt|key", "the certificate, or its key, as PEM") \
	ROW(CERTS_SET, "certs-set", EACH, "APP CRT KEY", "put a certificate in place, from two files") \
	ROW(CERTS_REMOVE, "certs-remove", EACH, "APP", "take the certificate away") \
	ROW(CERTS_FORCE, "certs-force", FIRST_LINE, "APP", "true where the proxy makes certificates itself") \
	ROW(POST_CERTS_UPDATE, "post-certs-update", EACH, "APP", "the certificate has changed") \
	ROW(POST_CERTS_REMOVE, "post-certs-remove", EACH, "APP", "the certificate is gone") \
	ROW(PROXY_TYPE, "proxy-type", FIRST_LINE, "APP", "nginx, …") \
	ROW(PROXY_IS_ENABLED, "proxy-is-enabled", FIRST_LINE, "APP", "true or false") \
	ROW(PROXY_ENABLE, "proxy-enable", EACH, "APP", "let the proxy serve the app") \
	ROW(PROXY_DISABLE, "proxy-disable", EACH, "APP", "let the proxy not serve the app") \
	ROW(NETWORK_CONFIG_EXISTS, "network-config-exists", FIRST_LINE, "APP", "true where instances have addresses") \
	ROW(NETWORK_GET_LISTENERS, "network-get-listeners", FIRST_LINE, "APP PROC", "ADDRESS:PORT words") \
	ROW(NETWORK_GET_STATIC_LISTENERS, "network-get-static-listeners", FIRST_LINE, "APP PROC", "ADDRESS:PORT of the host that is set instead of an instance") \
	ROW(NETWORK_GET_IPADDR, "network-get-ipaddr", FIRST_LINE, "APP PROC ID", "address of an instance") \
	ROW(PS_GET_PROPERTY, "ps-get-property", FIRST_LINE, "APP KEY", "a property of ps") \
	ROW(CHECKS_GET_PROPERTY, "checks-get-property", FIRST_LINE, "APP KEY", "a property of checks") \
	ROW(CRON_GET_PROPERTY, "cron-get-property", FIRST_LINE, "APP KEY", "a property of cron") \
	ROW(LOGS_GET_PROPERTY, "logs-get-property", FIRST_LINE, "APP KEY", "a property of logs") \
	ROW(NETWORK_GET_PROPERTY, "network-get-property", FIRST_LINE, "APP KEY", "a property of network") \
	ROW(RESOURCE_GET_PROPERTY, "resource-get-property", FIRST_LINE, "APP PROC limit|reserve KEY", "a limit of a process type") \
	ROW(STORAGE_LIST, "storage-list", TEXT, "APP [PHASE [text|json]]", "what the app has mounted") \
	ROW(PROXY_BUILD_CONFIG, "proxy-build-config", EACH, "APP", "render, check, test, swap, reload, or keep") \
	ROW(PROXY_CLEAR_CONFIG, "proxy-clear-config", EACH, "APP|--all", "take the app out of the proxy") \
	ROW(NGINX_PRE_RELOAD, "nginx-pre-reload", EACH, "APP PORT IP", "before nginx is tested") \
	ROW(NGINX_CONFIG_LINES, "nginx-config-lines", TEXT, "APP", "lines for the app's server blocks; checked like the rest") \
	/* davit's own moments, for core plugins */ \
	ROW(INSTANCE_EXITED, "davit-instance-exited", EACH, "ID CODE [KILLS OOM ROUTED]", "a container has ended") \
	ROW(INSTANCE_RESTART, "davit-instance-restart", EACH, "ID", "start a crashed instance whose time has come") \
	ROW(INSTANCE_RETIRE, "davit-instance-retire", EACH, "APP", "drain and stop what was replaced") \
	ROW(INSTANCE_WATCH, "davit-instance-watch", EACH, "APP", "make the checks of instances that serve") \
	ROW(TICK, "davit-tick", EACH, "", "a minute has passed") \
	ROW(DOCTOR, "davit-doctor", TEXT, "", "print findings of your own: SEVERITY, WHAT, CURE, a tab between") \
	ROW(RECOVER, "davit-recover", EACH, "[APP]", "complete or undo what was interrupted") \
	ROW(ROLLBACK, "davit-rollback", EACH, "APP NUMBER all|code|config", "make an earlier release serve again") \
	ROW(PROMOTE, "davit-promote", EACH, "FROM TO", "release another app's live artifact") \
	ROW(EXTRACT, "davit-extract", EACH, "APP REV DIR", "write the tree of a commit into a new directory") \
	ROW(CHECKS_RUN, "davit-checks-run", EACH, "APP [PROC|PROC.N]...", "check what serves now") \
	ROW(EXPORT, "davit-export", EACH, "APP NUMBER FD code|config", "write a release as an archive of an image") \
	ROW(IMPORT, "davit-import", EACH, "APP FD [IMAGE [again]]", "release what an archive of an image holds") \
	ROW(RESTORE, "davit-restore", EACH, "[APP]", "start what should be running") \
	ROW(VIEWS, "davit-views", EACH, "APP|--global read|write [COMMAND]", "before a command looks at an app; after it has changed it") \
	/* plugins themselves */ \
	ROW(INSTALL, "install", EACH, "", "a plugin was installed; runs as root, repeatable") \
	ROW(UNINSTALL, "uninstall", EACH, "PLUGIN", "a plugin is being removed; runs as root") \
	ROW(UPDATE, "update", EACH, "", "a plugin was updated; runs as root") \
	ROW(DEPENDENCIES, "dependencies", EACH, "", "install packages you need; runs as root")
/* clang-format on */

enum trigger_mode {
	TRIGGER_EACH,       /* every plugin in order; the first refusal ends it */
	TRIGGER_FIRST,      /* the first plugin that does not decline answers for all */
	TRIGGER_FIRST_LINE, /* every plugin; the answer is the first line printed */
	TRIGGER_TEXT,       /* every plugin; the answer is all that was printed */
};

#define TRIGGER_ENUM(id, wire, mode, words, when) TRIGGER_##id,
enum trigger_id { TRIGGERS(TRIGGER_ENUM) TRIGGER__COUNT };

#endif
