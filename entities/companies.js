// Functions that companies.yaml names as js/<function>. They run in a sandbox, one file in one scope.

/** Label of an element of `addresses`: `CA - 90001`. */
function addressesLabel(record, nested) {
    return nested.field('state').val() + ' - ' + nested.field('zipCode').val();
}

function logSomethingAction(record, oldRecord, action) {
    sys.logs.info('company [' + record.label() + '] param1: ' + action.field('param1').val() + ', param2: ' + action.field('param2').val());
}

function customResponseAction(record, oldRecord, action) {
    return 'This is a custom response';
}

function countEmployeesAction(query, action) {
    var total = 0;
    var records = sys.data.find(query);
    while (records.hasNext()) {
        total += records.next().field('numberOfEmployees').val() || 0;
    }
    return { numberOfEmployees: total };
}
