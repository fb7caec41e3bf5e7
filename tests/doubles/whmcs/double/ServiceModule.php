<?php

namespace WhmcsDouble;

use InvalidArgumentException;
use WHMCS\Database\Capsule;

/**
 * The commands of provisioning modules. Their hooks get every parameter of the module, passwords in clear among them.
 */
final class ServiceModule
{
    private const STATUSES = [
        'Create' => 'Active', 'Suspend' => 'Suspended', 'Unsuspend' => 'Active', 'Terminate' => 'Terminated',
    ];

    /** @return string what happened: success, aborted, or the failure */
    public static function run(string $command, int $serviceId, string $failure): string
    {
        $service = Capsule::table('tblhosting')->where('id', $serviceId)->first();
        if ($service === null || !isset(self::STATUSES[$command])) {
            throw new InvalidArgumentException("no $command of service $serviceId");
        }
        $params = self::params($service);
        foreach (Hooks::run('PreModule' . $command, ['params' => $params]) as $answer) {
            if (!empty($answer['abortcmd'])) {
                return 'aborted';
            }
        }
        if ($failure !== '') {
            Hooks::run("AfterModule{$command}Failed", ['params' => $params, 'failureResponseMessage' => $failure]);
            return $failure;
        }
        Capsule::table('tblhosting')->where('id', $serviceId)->update(['domainstatus' => self::STATUSES[$command]]);
        Hooks::run('AfterModule' . $command, ['params' => $params]);
        return 'success';
    }

    /** @return array<string, mixed> */
    private static function params(object $service): array
    {
        $server = Capsule::table('tblservers')->where('id', $service->server)->first();
        return [
            'accountid' => $service->id, 'serviceid' => $service->id, 'userid' => $service->userid,
            'domain' => $service->domain, 'username' => $service->username, 'password' => decrypt($service->password),
            'packageid' => $service->packageid, 'pid' => $service->packageid, 'serverid' => $server->id,
            'server' => true, 'serverip' => $server->ipaddress, 'serverhostname' => $server->hostname,
            'serverusername' => $server->username, 'serverpassword' => decrypt($server->password),
            'serveraccesshash' => $server->accesshash, 'moduletype' => $server->type, 'type' => 'server',
            'clientsdetails' => ['userid' => $service->userid], 'customfields' => [], 'configoptions' => [],
        ];
    }
}
