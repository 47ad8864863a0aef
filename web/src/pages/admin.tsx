/* What administrators see and do: users, jobs, limits, the cache, the
   audit log. The server says
   no to everybody else; this page is only not shown to them. */
import { Title } from '../ui/shell'
import { AuditLog } from './admin_audit'
import { Jobs } from './admin_jobs'
import { Cache, LimitsPanel } from './admin_store'
import { Users } from './admin_users'

export const Admin = () => (
	<>
		<Title title="Administration" sub="The house itself: who may enter, what runs at night, and the book of what was done." />
		<div class="panels two">
			<Users />
			<Jobs />
			<LimitsPanel />
			<Cache />
			<AuditLog />
		</div>
	</>
)
