import assert from 'node:assert/strict'
import test from 'node:test'
import { compared, holding, kindName, kindSide, ruleName } from '../src/lib/signals'

const condition = (held: boolean, left: number | null = null, right: number | null = null) => ({ text: 'x', held, left, right })

test('kinds and rules have names', () => {
	assert.equal(kindName('entry_long'), 'Enter long')
	assert.equal(kindName('none'), 'No signal')
	assert.equal(ruleName('exit_short'), 'To exit short')
})
test('the side of a kind', () => {
	assert.equal(kindSide('entry_long'), 'side-long')
	assert.equal(kindSide('exit_short'), 'side-long')
	assert.equal(kindSide('exit_long'), 'side-short')
	assert.equal(kindSide('none'), '')
})
test('what was compared', () => {
	assert.equal(compared(condition(true, 187.25, 185)), '187.25 against 185')
	assert.equal(compared(condition(true, 65432.123456, 0.00001234)), '65,432.12 against 0.00001234')
	assert.equal(compared(condition(false, 12)), '12')
	assert.equal(compared(condition(false, null, 3)), '– against 3')
	assert.equal(compared(condition(false)), '')
})
test('how many hold', () => {
	assert.equal(holding([condition(true), condition(false)]), '1 of 2 conditions hold')
	assert.equal(holding([condition(true)]), '1 of 1 condition holds')
	assert.equal(holding([]), 'It has no conditions of its own.')
})
