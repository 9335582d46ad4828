// Screens by the first part of the address.

import { draftScreen } from "./steps.js";
import { entryScreen } from "./entry.js";
import { outboxScreen, recordsScreen } from "./lists.js";
import { phoneScreen } from "./phone.js";
import { scanScreen } from "./scanning.js";

export const SCREENS = { scan: scanScreen, records: recordsScreen, draft: draftScreen, entry: entryScreen, outbox: outboxScreen, phone: phoneScreen };
