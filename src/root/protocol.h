/* SPDX-License-Identifier: MIT */
/*
 * What davit asks of davit-root, and how.
 *
 * davit-root is setuid root, group davit, mode 4750.  It takes no arguments and ignores
 * its environment.  Descriptors at its start:
 *
 *   0 1 2   the stdio of the container in `run` and `exec`; unused otherwise
 *   3       the request: a regular file or memfd with one JSON array of operations
 *   4       the reply: a pipe; one JSON object per line for each operation, in order.
 *           {"ok":true,…} or {"ok":false,"error":"…","hint":"…","kind":K} where K is
 *           "usage", "refused", "app", "host" or "bug"; the first failure ends the batch.  When the reader of 4 goes away, whatever runs is undone:
 *           a `run` is killed and cleaned up.
 *   5…      further descriptors, named by number in fields that end in "_fd"
 *
 * Every field is checked here again (grammars of util/name.h, numbers in range); an
 * unknown field or verb is an error.  davit-root composes the OCI configuration, the nft
 * transaction and every path itself.
 *
 * Containers.  `run` and `start` share these fields:
 *
 *   id        container id, unique on the host, e.g. "blog.web.1.42"
 *   app       whose uid range it runs in; "-stack" for toolchain builds
 *   layers    names below layers/, uppermost first
 *   argv, env arrays of strings; env items are "K=V" with an env name before '='
 *   cwd       absolute directory inside
 *   uid       0..65535 inside the container's own user namespace
 *   profile   "app" (no capability), "build" (the same, lowest cpu weight, idle io class) or
 *             "package" (uid 0 with CHOWN DAC_OVERRIDE FOWNER FSETID SETUID SETGID
 *             SYS_CHROOT SETFCAP KILL, for apt; only with app "-stack")
 *   memory, swap, disk   bytes; cpu: thousandths of a core; pids: number.  0 = the default
 *             of the profile.  `disk` bounds the writable layer.
 *   memory_reserve  bytes that the kernel takes from it last; cpu_reserve: thousandths of
 *             a core that it has when all want some; rate_in, rate_out: bytes a second
 *             over its network.  0 = none
 *   network   "app" (bridge, NAT out, no other app) or "none"
 *   hostname  a domain-shaped name
 *   mounts    [{"kind":"cache","name":N,"target":T} |     cache/APP/N, writable
 *              {"kind":"buildpacks","target":T} |         PREFIX/share/davit/buildpacks, ro
 *              {"kind":"storage","name":N,"path":P,"target":T,"readonly":B} |  storage/N,
 *                                        or P ("/uploads") below it, made where missing
 *              {"kind":"tmpfs","target":T,"size":bytes,"readonly":B} |  memory
 *              {"kind":"host","path":P,"target":T,"readonly":B} |  allowed by davit.yml
 *              {"kind":"file","fd":F,"target":T,"mode":"0444"}]  contents copied before
 *                                                              the start, 4 MiB at most
 *   hosts     ["ADDRESS NAME"] lines for its hosts file; dns: up to 3 addresses in place
 *             of the host's resolvers
 *   ulimits   {"nofile":[soft,hard],…}, -1 = none; never above davit-root's own
 *   shm       bytes of /dev/shm
 *   ca, resolver, time zone of the host are put in place always
 *
 * Verbs (→ fields of the reply beside "ok"):
 *
 *   init                         make or mend every directory (paths.h)
 *   info                         → runtime, version, cgroup "v1"|"v2", systemd, subnet,
 *                                  nginx, kernel, rates (can they be bounded?)
 *   inspect                      what doctor compares with the store; changes nothing:
 *                                  → containers [{id,state "known"|"none"|"damaged",age,app,
 *                                  kind,pid,address,layers,cgroup,ended,alive,watched,
 *                                  helped}], remains [paths that a killed helper left],
 *                                  caches, tls, runtime [names], systemd, rules, routes
 *                                  {APP: {address, kept [addresses], live [addresses]}}
 *   range   app                  → base            allocate or look up the app's uids
 *   forget  app                  remove every trace of the app (no instance may run), the
 *                                  logs that nginx wrote of it too
 *   rename  from to              range, caches, logs, nginx's too, certificates, static site, address and
 *                                  running containers follow.  nginx finds the files by
 *                                  the old name too, until `nginx` removes its file.
 *   unpack  app layer fd [prefix] [uid] [deletions] → bytes    a plain tar stream becomes a new layer;
 *                                  all entries below prefix, owned by uid inside (none:
 *                                  as in the archive).  setuid bits are taken off; "..",
 *                                  absolute names, names through a symlink, devices and
 *                                  fifos are refused, but left out below dev/.  With
 *                                  deletions, .wh. names are those of image layers
 *   pack    layer fd             → bytes           the reverse, with deletions
 *   layer-list                   → layers [{name,bytes,mtime}]
 *   layer-remove layer           an unused layer
 *   cache-list                   → caches [{app,bytes,mtime}]
 *   cache-clear app [name]
 *   storage name [path] [uid [gid]] [mode]   make storage/NAME (and what is below); its
 *                                  owner inside, and mode as a number
 *   storage-remove name            with all that is in it
 *   mountable path               → allowed    by mounts: in davit.yml
 *   run     (container) tty timeout_s [seal {layer,path}]
 *                                → code, oom, timed_out, bytes   foreground; with seal and
 *                                  code 0, what was written below path (or "/" for all)
 *                                  becomes a new layer
 *   start   (container) log [again]
 *                                → pid, address, started (of pid, in clock ticks after the
 *                                  boot: proc_start_time)   under conmon; log names the
 *                                  file /var/log/davit/APP/LOG.log.  With again, what an
 *                                  earlier life of the same id has left goes first, and
 *                                  the address stays.  On exit the hook
 *                                  `davit instance-exited ID CODE KILLS OOM ROUTED` runs
 *                                  as user davit (hook.h)
 *   list                         → instances [{id,app,kind "run"|"start",state,pid,address,
 *                                  started,since (seconds since 1970),log,
 *                                  watched (conmon lives),oom,oom_kills,code}]
 *   state   id                   → state "running"|"stopped"|"absent", pid, address,
 *                                  started, code, oom, oom_kills, listening [ports], connections
 *                                  (established on the app's listening ports)
 *   signal  id signal            by number
 *   stop    id grace_ms          TERM, wait, KILL, then delete → code
 *   delete  id                   remove all remains of a container, running or not
 *   exec    id argv [env cwd uid tty timeout_s] → code, timed_out   in a running container
 *   route   app [port] ids       new connections to the app's fixed address go to one of
 *                                  these instances, in one transaction; none: refused by
 *                                  reset → address.  With a port, only that one, 0 for
 *                                  every one; without, the one of the route that there is.
 *   nginx   set [{name,text|null}] [test]  name: APP, or snippets/APP/NAME.  Check every directive,
 *                                  test with nginx -t together with the rest of the host, swap, reload; or keep the
 *                                  old files and fail with nginx's own words → changed.
 *                                  An empty list tests the host's files as they are;
 *                                  with test true nothing is changed.
 *   nginx-logs app               davit may read the access and error log that nginx writes now
 *   static  app release fd       a tar stream becomes static/APP/RELEASE, normalised to
 *                                  root 0644/0755
 *   static-switch app release    one renamed symlink
 *   static-remove app release
 *   tls     app cert key         PEM texts, or null to remove
 *   log-rotate app log keep      rename, reopen, without losing a line
 *   log-tidy app max rotate files  rotate logs of more than `rotate` bytes, and keep the
 *                                  newest `max` bytes (0: all) in `files` files of all
 *                                  logs of the app → bytes
 *   net-up                       bridge, forwarding, nft tables: idempotent
 *   recover                      remove what dead containers left, in the runtime and the
 *                                  control groups too, and finish a reload of nginx that a
 *                                  dead helper began → removed [ids], nginx [apps whose
 *                                  files should be rendered anew]
 */
#ifndef DAVIT_ROOT_PROTOCOL_H
#define DAVIT_ROOT_PROTOCOL_H

enum { PROTOCOL_REQUEST_FD = 3, PROTOCOL_REPLY_FD = 4, PROTOCOL_FIRST_FD = 5 };

/* The largest request: a batch with the configuration of every app of a host. */
enum { PROTOCOL_REQUEST_MAX = 16 << 20 };

/* The user that apps run as inside their container. */
enum { APP_UID = 1000 };

/* The pseudo app whose range toolchain layers are built in. */
#define STACK_APP "-stack"

/* The bridge of the apps' network.  Not first in an alphabet: scripts that take "the first
 * interface" mean a network card. */
#define NET_BRIDGE "vdavit0"

#endif
