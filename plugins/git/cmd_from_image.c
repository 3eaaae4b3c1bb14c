/* SPDX-License-Identifier: MIT */
/*
 * git:from-image and git:load-image.  There is no container engine here that could pull,
 * load or build upon an image: what there is instead is said.
 */
#include "plugins/git/git.h"

int git_cmd_from_image(struct request *req, struct err *err)
{
	const char *app = req->argv[0];

	(void)err_set(err, ERR_REFUSED,
		      "davit has no container engine that could take the image %.200s",
		      req->argv[1]);
	if (command_find("releases:import"))
		return err_hint(err,
				"apt-get install skopeo; skopeo copy docker://IMAGE "
				"oci-archive:FILE; davit releases:import %s FILE",
				app);
	return err_hint(err,
			"push its source: git push davit@<host>:%s <branch>; or its "
			"tree: tar cf - . | ssh davit@<host> git:from-archive %s --",
			app, app);
}
