/** When X happens, do Y: one page for all features. Features hand in their own; nothing here decides. */
import { registerKasmReactions } from './kasm/reactions.js'

registerKasmReactions()
