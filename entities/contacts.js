// Functions that contacts.yaml names as js/<function>.

/** Label of a contact: `Ann Lee`. */
function contactsRecordNameScript(record) {
    return record.field('firstName').val() + ' ' + record.field('lastName').val();
}

/** Label of the group `address`. */
function addressLabel(record, nested) {
    return nested.field('state').val() + ' - ' + nested.field('zipCode').val();
}

function numberOfSkillsValueCalculation(record, parentField, action) {
    return record.field('skills').size();
}
