<p id="probe-page">{$greeting|escape} {$companyname|escape}</p>
