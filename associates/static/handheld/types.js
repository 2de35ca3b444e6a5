/**
 * What the server says, and what this page keeps. The server owns the flow: the page renders
 * `next_state` and never decides what comes next. `associates/handheld/schemas.py` is the other side.
 *
 * @typedef {{zone: string, aisle: string, bay: string, shelf: string,
 *   kind: 'shelf' | 'backroom' | 'display', words: string}} Place
 * @typedef {{kind: 'good' | 'wrong' | 'info', text: string}} Message
 * @typedef {{task_id: string, number: string, due_at: string, due: string, late: boolean,
 *   fence: number}} TaskHead
 * @typedef {{number: number, color: string, words: string}} Tote
 * @typedef {{task_id: string, number: string, tote: Tote,
 *   state: 'walking' | 'found' | 'staged' | 'gone'}} WaveOrder
 * @typedef {TaskHead & {tote: Tote | null, together: WaveOrder[], notice: string, into: Tote | null}} WaveHead One
 *   order in hand, and those that are walked together with it.
 * @typedef {TaskHead & {units: number, state: 'open' | 'yours' | 'taken' | 'to_stage',
 *   word: string, guest: string, at_risk: boolean, tote: number | null}} TaskCard
 * @typedef {{task_ids: string[], words: string, units: number, due: string}} Together
 * @typedef {{duty_id: string, number: string, sku: string, name: string, size: string, gtin_tail: string,
 *   quantity: number, from_place: string, bags?: string[], places: Place[]}} Duty
 * @typedef {{count_id: string, name: string, size: string, gtin_tail: string,
 *   group: 'failed_pick' | 'low_record' | 'at_random', reason: string, due: string, minutes: number,
 *   word: string, places: Place[], again: boolean, another: boolean, sku: string}} CountCard
 * @typedef {CountCard & {scanned: string}} CountData
 * @typedef {{line: number, text: string, item: string, place: Place | null, task_id: string,
 *   fence: number}} Question
 * @typedef {{store: string, name: string, tasks: TaskCard[], more: number, put_backs: Duty[],
 *   counts: CountCard[], together: Together | null, session?: string, language?: string}} TasksData
 * @typedef {{code: string, text: string}} Reason
 * @typedef {{sku: string, name: string, size: string, gtin_tail: string}} Item
 * @typedef {{who: string, items: Units[]}} TookOver
 * @typedef {TaskHead & {who: string, since: string, asked: number, found: number,
 *   is_asked: boolean, is_refused: boolean, is_silent: boolean, is_free: boolean}} TakenData
 * @typedef {WaveHead & {line: number, item: Item, place: Place | null, other_places: Place[],
 *   nowhere: string, in_the_way: string, first: string, asked: number, found: number, n_of_m: [number, number], reasons: Reason[],
 *   can_undo: boolean, can_skip: boolean, question: Question | null, asked_by?: string,
 *   took_over?: TookOver | null}} WalkData
 * @typedef {{name: string, quantity: number}} Units
 * @typedef {{number: number, code: string, place: string}} BagOut
 * @typedef {WaveHead & {items: Units[], missing: Units[], can_undo: boolean,
 *   question: Question | null, labels?: boolean, printer?: boolean, bags?: BagOut[],
 *   asked_by?: string, took_over?: TookOver | null}} StageData
 * @typedef {{task_id: string, number: string, fence: number, size: string, printer: boolean,
 *   labels: {number: number, code: string, svg: string}[]}} LabelsData
 * @typedef {Units & {sku: string}} InBag
 * @typedef {{number: string, first_name: string | null, places: {code: string, label: string}[],
 *   items: InBag[], bags: BagOut[], look: string, other: string | null, scanned: string,
 *   code: string, chosen: string | null, asks: Asks | null, unasked?: boolean}} CounterData `unasked`: the
 *   code could not be checked.
 * @typedef {{code: string, ready: PackReady[]}} UnaskedData A code that nobody can check just now.
 * @typedef {{case: number, text: string, otherwise: string,
 *   options: {choice: string, text: string, to_store: string | null}[]}} Asks
 * @typedef {{number: string, code: string, asks: Asks}} AskedData
 * @typedef {{device_token?: string, store?: string, language?: string}} EnrolledData
 * @typedef {{next_state: 'start' | 'enrol', data: {}, message: Message | null}
 *   | {next_state: 'sign_in', data: EnrolledData, message: Message | null}
 *   | {next_state: 'tasks', data: TasksData, message: Message | null}
 *   | {next_state: 'staged', data: TasksData & {number: string, place: string}, message: Message | null}
 *   | {next_state: 'taken', data: TakenData, message: Message | null}
 *   | {next_state: 'walk', data: WalkData, message: Message | null}
 *   | {next_state: 'stage', data: StageData, message: Message | null}
 *   | {next_state: 'labels', data: LabelsData, message: Message | null}
 *   | {next_state: 'locked', data: {words: string}, message: Message | null}
 *   | {next_state: 'count', data: CountData, message: Message | null}
 *   | {next_state: 'counter', data: CounterData | AskedData | UnaskedData | {}, message: Message | null}} Answer
 *
 * @typedef {{number: string, name: string, is_here: boolean, since: string, where: string,
 *   is_ready: boolean, place: string, due: string}} Guest Somebody who is here or on the way, by
 *   their own word; `bopis/orders/counter/board.py` is the other side.
 *
 * @typedef {{code: string, aim: string | null, raw: string, source: 'keys' | 'text' | 'app' | 'camera',
 *   at: number, gap: number, end: string,
 *   invalid: 'empty' | 'too_long' | 'control_character' | 'unfinished' | null}} Scan
 * @typedef {{ends: 'key' | 'pause', prefix: string, suffix: string, gs: string, gap: number}} Wedge
 * @typedef {'item' | 'short' | 'skip' | 'look' | 'miss' | 'zero_check' | 'undo' | 'stage' | 'take'
 *   | 'tote' | 'put_back' | 'bags' | 'count' | 'hand_over'} ActKind
 * @typedef {'applied' | 'wrong_item' | 'unknown_code' | 'too_many' | 'past_date' | 'not_a_code'
 *   | 'not_now' | 'superseded' | 'wrong_bag' | 'bags_first' | 'shelf_first' | 'tote_first'
 *   | 'wrong_tote'} Outcome
 * @typedef {{kind: ActKind, outcome: Outcome, sku: string | null, line: number | null,
 *   quantity: number}} Heard What was made of an act.
 * @typedef {[string, string, string, string]} Spot Zone, aisle, bay, shelf.
 * @typedef {{kind?: ActKind, fence: number, code?: string, line?: number | null,
 *   quantity?: number | null, reason?: string | null, undoes?: string | null,
 *   place?: {zone: string, aisle: string, bay: string, shelf: string, kind?: string} | null,
 *   empty?: boolean | null, bags?: string[]}} ScanBody
 *
 * @typedef {Place & {planned: boolean, is_labelled: boolean, found: number, missed: number, learned_at: number | null,
 *   found_at: number | null, missed_at: number | null, found_day: string, missed_day: string}} PackPlace
 * @typedef {Item & {sku: string, places: PackPlace[], left: number | null, promised: number, off: number, asks: boolean}} PackItem
 * @typedef {{line: number, sku: string, name: string, asked: number, found: number, short: number,
 *   skipped: number, in_the_way: string}} PackLine
 * @typedef {{scan_id: string, kind: ActKind, line: number, sku: string | null, quantity: number,
 *   place: string[] | null, nth: number, at: number, scanned: boolean, gone?: number, off?: number, asks?: boolean}} PackAct
 *   `gone`: of what was left by the record; `off`: by one's word alone; `asks`: as it was before; of what was done since the package came.
 * @typedef {TaskCard & {stage: string, here: boolean, who: string, wave: string | null,
 *   lines: PackLine[], acts: PackAct[], bags: BagOut[], asked_by: string}} PackTask
 * @typedef {{task_id: string, line: number}} Stop
 * @typedef {[number, number]} XY Meters.
 * @typedef {{aisle: string, zone: string, is_cross: boolean, is_one_way: boolean, start: XY, end: XY,
 *   blocked: XY | null, reason: string}} Way
 * @typedef {{ways: Way[], points: {kind: string, label: string, at: XY}[],
 *   walks: {path: XY[], stops: {task_id: string, line: number, corner: number}[]}[]}} Floor
 * @typedef {Record<'last' | 'last_of_tote' | 'into_tote' | 'found_some' | 'found_one' | 'found_all' | 'have_it' | 'not_in_order'
 *   | 'nothing_here' | 'done_already' | 'taken' | 'by_the_case' | 'noted_short' | 'as_we_thought'
 *   | 'to_be_counted' | 'no_shelf' | 'carry_on' | 'carry_on_staging' | 'looked_everywhere'
 *   | 'unknown_place' | 'nowhere_left' | 'you_said' | 'untried' | 'sure_since' | 'found_day' | 'missed_day' | 'missed_since'
 *   | 'look_next' | 'found_there' | 'planned_there' | 'maybe_there' | 'today' | 'scan_first' | 'by_another' | 'who_has_it' | 'bag' | 'bags' | 'and' | 'put_down'
 *   | 'not_this_bag' | 'its_place_next' | 'none_back' | 'this_is_it' | 'elsewhere', string>
 *   & Record<'good' | 'noted' | 'wrong' | 'all_found' | 'not_counted' | 'not_now' | 'gone',
 *   Record<string, string | undefined>> & {is_empty: Record<Place['kind'], string>, where: Record<Place['kind'], string>,
 *   why_count: Record<string, string>, signs: Record<'aisle' | 'bay' | 'shelf', string>,
 *   sure: Record<'sure' | 'likely' | 'maybe' | 'hardly', string>}} Sentences
 * @typedef {{number: string, places: string[], bags: BagOut[]}} PackReady
 * @typedef {{shape: number, as_of: string, today: string, due: TasksData, tasks: PackTask[],
 *   walk: Stop[], together: {totes: Tote[], walk: Stop[]} | null, items: Record<string, PackItem>,
 *   codes: Record<string, {sku: string, quantity: number}>,
 *   labels: Record<string, {zone: string, aisle: string, bay: string, shelf: string, kind: string, words: string}>,
 *   shelf_first: 'never' | 'unsure' | 'always', alone: number, causes?: Record<string, string>,
 *   staging: Record<string, string>, waves: Record<string, {orders: WaveOrder[], notice: string}>, ready: PackReady[],
 *   bagging: {labels: boolean, printer: boolean},
 *   totes: {scan: boolean, labels: Record<string, Tote>}, floor: Floor | null, floor_mark: string, reasons: Reason[], sentences: Sentences}} Package
 *   `causes`: which of our acts has asked for a count. All that a device needs to go on without a network: `associates/offline/package_schemas.py`.
 *
 * @typedef {{scan_id: string, device_seq: number, scanned_at: string, path: string,
 *   body: Record<string, unknown>}} Entry
 * @typedef {{scan_id: string, kind: ActKind | null, outcome: Outcome | null, line: number | null,
 *   quantity: number, text: string, status: 'applied' | 'superseded' | 'conflict' | 'noted'
 *   | 'refused' | 'withheld' | 'later'}} Receipt
 * @typedef {Entry & {session: string | null, told: Outcome | null, kept?: boolean,
 *   receipt?: Receipt}} LogEntry `told` is what the person was shown before the server had it;
 *   `kept`: that it is kept, where only the server can say more.
 * @typedef {{sequence: number, package: {pkg: Package, upto: number}}} Kept
 *   `upto` is the number of the last entry that the package has in it.
 * @typedef {{type: string, title: string, detail: string, status: number}} Problem
 * @typedef {{sound: boolean, buzz: boolean, textScanner: boolean,
 *   hand: 'right' | 'left', wedge: Wedge}} Settings
 *
 * @typedef {object} Actions
 * @property {(path: string, body?: Record<string, unknown>) => void} ask Ask the server for what
 *   makes sense only while it answers; with a body it is a request to do something.
 * @property {(path: string, body: Record<string, unknown>) => void} log Write down what the person
 *   did; it is sent until the server gives a receipt.
 * @property {(view: 'list' | 'counter' | 'put_back' | 'counts') => void} view Show another of the screens that
 *   need no task in hand, with what we know.
 * @property {() => void} leave Go to the list, and have it read anew.
 * @property {() => void} later Put the next thing back first.
 * @property {() => void} begin Start again where the person was.
 * @property {(screen: Screen | null) => void} sheet Put a screen over this one, or take it away.
 * @property {(message: Message) => void} say Say what the page itself knows: a word, a tone, a buzz.
 * @property {(settings: Settings) => void} configure
 * @property {(raw: string, format: string) => void} seen The camera read a code.
 * @property {() => void} settings
 * @property {() => void} signOut
 *
 * @typedef {object} Screen
 * @property {string} title What a screen reader hears first.
 * @property {Node[]} top
 * @property {Node[]} main
 * @property {Node[]} thumb What takes back comes first, what goes on last.
 * @property {((scan: Scan) => void) | null} scanned What a scan does here; null: nothing listens.
 * @property {boolean} [isTest] Whether it is told of scans that are no code, too.
 */

export {};
