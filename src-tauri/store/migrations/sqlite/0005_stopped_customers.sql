-- A customer whose newest run was cancelled or undone before there was an instance is no longer `new`.

UPDATE customers SET instance_state = 'stopped'
 WHERE instance_state = 'new'
   AND (SELECT state FROM runs WHERE runs.customer_id = customers.id ORDER BY number DESC LIMIT 1)
       IN ('cancelled', 'rolled_back');
