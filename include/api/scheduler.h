/* The background jobs, for admins: /scheduler/jobs. */
#ifndef API_SCHEDULER_H
#define API_SCHEDULER_H

#include "route.h"

extern const struct shape job_shape;
extern const struct shape jobs_shape;
extern const struct shape job_name_shape;

route_admin handle_jobs;       /* -> jobs */
route_admin handle_job_run;    /* job_name -> job */
route_admin handle_job_pause;  /* job_name -> job */
route_admin handle_job_resume; /* job_name -> job */

#endif
