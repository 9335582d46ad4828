-- What a node that serves the public may do: read what verdicts are made of, record scans, and nothing else. What
-- everybody may do is not ours to revoke: before version 15 that is to make tables in the schema public, which the
-- superuser forbids when the database is made (docs/operating.md).
-- An enterprise's contact is a person's name and phone: no verdict shows it, so no public node reads it.
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT ON meta, ledger, organisation, gtin_claim, picture, product, product_version, link, campaign, pledge_text, pledge,
    mark, mark_text, mark_licence, licence_product, recognition, signing_key, batch, batch_mark, span, notice TO {role};
GRANT SELECT (id, uscc, name_zh, name_en, region, sector, service_phone, position) ON enterprise TO {role};
-- Who signed a pledge and what was written about it (pledge_signature, pledge_note) is nobody else's; a finding against it
-- and the enterprise's reply are published.
GRANT SELECT (id, pledge, content, reply, closing, position, reply_position, closed_position) ON pledge_finding TO {role};
-- What a recall tells, and how far it has come, without the salts of the ledger's digests.
GRANT SELECT (id, enterprise_id, ordered_by, grade, hazard_zh_hans, advice_zh_hans, contact_zh_hans, hazard_zh_hant,
    advice_zh_hant, contact_zh_hant, hazard_en, advice_en, contact_en, outcome, closing, reach_whole, position,
    changed_position, closed_position) ON recall TO {role};
-- The labels that are made of what is recalled.
GRANT SELECT ON recall_reach TO {role};
GRANT SELECT (id, recall, recovered, destroyed, reached, remark, position) ON recall_progress TO {role};
-- The public manifest of a bundle. Parts are for inspectors, and handed out elsewhere.
GRANT SELECT ON bundle, bundle_manifest TO {role};
-- Product passports as they were signed.
GRANT SELECT ON passport_issue, passport TO {role};
-- Events of the supply chain without their words, and the places that they name: what a label's page tells of its way.
GRANT SELECT ON location, material_name, trace_line, trace_item TO {role};
GRANT SELECT (number, event_id, declares, enterprise_id, kind, action, at_ms, recorded_ms, step, disposition, read_point,
    location, transformation, audience, standing, declared_ms) ON trace_event TO {role};
GRANT SELECT, INSERT, DELETE ON sighting TO {role};
GRANT UPDATE (first_seen_ms, last_seen_ms, times_seen, devices, trace, signs) ON sighting TO {role};
-- Whether labels have hidden codes, and who entered one rightly first, which nobody changes. Roots and codes are not here.
GRANT SELECT (batch, content) ON label_export TO {role};
GRANT SELECT, INSERT ON purchase TO {role};
GRANT UPDATE (entries, other_entries, last_other_ms, last_other_place) ON purchase TO {role};
GRANT SELECT, INSERT ON scan TO {role};
GRANT UPDATE (confirmed, early, place, shared) ON scan TO {role};
GRANT SELECT, INSERT ON visitor TO {role};
GRANT UPDATE (labels, last_index, last_ms) ON visitor TO {role};
GRANT SELECT, INSERT ON suspect TO {role};
GRANT UPDATE (last_ms, score, signs, place) ON suspect TO {role};
GRANT SELECT, INSERT ON scan_day TO {role};
GRANT UPDATE (scans) ON scan_day TO {role};
GRANT SELECT, INSERT ON scan_place, scan_batch TO {role};
GRANT UPDATE (scans) ON scan_place TO {role};
GRANT UPDATE (scans) ON scan_batch TO {role};
-- A report is filed into the case that is open, and its receipt leads to what everybody in the case is told. Contacts are
-- written and never read, and so is what bodies note for themselves.
GRANT SELECT (id, gtin, batch, place, enterprise_id, state, opened_ms, reports, suspects, reported_ms, due_ms, answered_ms,
    escalated_ms, closed_ms, finding) ON case_file TO {role};
GRANT INSERT (id, gtin, batch, place, enterprise_id, region, state, opened_ms, reports, suspects, reported_ms, due_ms)
    ON case_file TO {role};
GRANT UPDATE (reports, suspects, reported_ms, due_ms) ON case_file TO {role};
GRANT SELECT (id, receipt, case_id, at_ms, reason, likeness) ON report TO {role};
GRANT INSERT ON report, report_photo, case_event TO {role};
GRANT SELECT, INSERT ON case_suspect TO {role};
GRANT SELECT (id, case_id, kind, organisation_id, content, position) ON case_answer TO {role};
GRANT SELECT, INSERT ON report_pace TO {role};
GRANT UPDATE (free_ms) ON report_pace TO {role};
