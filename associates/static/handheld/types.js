/**
 * What the server says, and what this page keeps. The server owns the flow: the page renders
 * `next_state` and never decides what comes next.
 *
 * @typedef {{zone: string, aisle: string, bay: string, shelf: string}} Place
 * @typedef {{kind: 'good' | 'wrong' | 'info', text: string}} Message
 * @typedef {{task_id: string, fence: number, number: string, due: string, late: boolean}} TaskHead
 * @typedef {{task_id: string, number: string, due: string, late: boolean, units: number,
 *   state: 'open' | 'yours' | 'taken' | 'to_stage', word: string}} TaskCard
 * @typedef {{store: string, associate: string, tasks: TaskCard[], put_backs: number}} WorkData
 * @typedef {{code: string, text: string}} Reason
 * @typedef {{line_id: string, name: string, size: string, digits: string, wanted: number,
 *   found: number}} PickLine
 * @typedef {{task: TaskHead, stop: number, stops: number, line: PickLine, places: Place[],
 *   reasons: Reason[], can_undo: boolean, can_skip: boolean}} PickData
 * @typedef {{name: string, quantity: number}} Item
 * @typedef {{task: TaskHead, items: Item[], missing: Item[], can_undo: boolean}} StageData
 * @typedef {{task: TaskHead, places: {name: string, code: string}[], items: Item[]}} HandOverData
 * @typedef {{duty_id: string, number: string, name: string, size: string, digits: string,
 *   quantity: number, from: string, places: Place[], left: number}} PutBackData
 * @typedef {{next_state: 'enrol', data: {}, message: Message | null}
 *   | {next_state: 'sign_in', data: {store: string}, message: Message | null}
 *   | {next_state: 'work', data: WorkData, message: Message | null}
 *   | {next_state: 'pick', data: PickData, message: Message | null}
 *   | {next_state: 'stage', data: StageData, message: Message | null}
 *   | {next_state: 'counter', data: {}, message: Message | null}
 *   | {next_state: 'hand_over', data: HandOverData, message: Message | null}
 *   | {next_state: 'put_back', data: PutBackData, message: Message | null}} Answer
 *
 * @typedef {{code: string, source: 'keys' | 'text' | 'typed', at: number, gap: number}} Scan
 * @typedef {{scan_id: string, sequence: number, scanned_at: string, path: string,
 *   body: Record<string, unknown>}} Entry
 * @typedef {{type: string, title: string, detail: string, status: number}} Problem
 * @typedef {{sound: boolean, buzz: boolean, textScanner: boolean}} Settings
 *
 * @typedef {object} Actions
 * @property {(path: string) => void} open Ask the server for a screen.
 * @property {(path: string, body?: Record<string, unknown>) => void} send Ask the server to do
 *   something that makes sense only while it answers.
 * @property {(path: string, body: Record<string, unknown>) => void} log Write down what the person
 *   did; it is sent until the server gives a receipt.
 * @property {(screen: Screen | null) => void} sheet Put a screen over this one, or take it away.
 * @property {(settings: Settings) => void} configure
 * @property {() => void} settings
 * @property {() => void} signOut
 *
 * @typedef {object} Screen
 * @property {string} title What a screen reader hears first.
 * @property {Node[]} top
 * @property {Node[]} main
 * @property {Node[]} thumb
 * @property {((scan: Scan) => void) | null} scanned What a scan does here; null: nothing listens.
 */

export {};
