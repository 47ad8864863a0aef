import { Empty } from '../ui/states'
import { Title } from '../ui/shell'

export const Lost = () => (
	<>
		<Title title="No such page" />
		<Empty title="There is nothing at this address.">
			<p><a class="button" href="#/">To the overview</a></p>
		</Empty>
	</>
)
